package user

// Member is one user of an organisation, as read with many others. Profile is nil if there is no such user; Tombstone is not nil
// if that is because the user was deleted. The parts may be of slightly different moments: only a conditional write decides.
type Member struct {
	Profile   *Profile
	Tombstone *Profile
	Factors   Factors
}
