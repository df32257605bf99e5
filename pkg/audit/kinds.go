package audit

// Kinds are all there are, in no order that means anything.
func Kinds() []Kind {
	return []Kind{
		OrganizationCreated, OrganizationChanged, AllowanceProposed, AllowanceGranted, EntitlementsProposed, EntitlementsChanged,
		AdministratorAdded, ApplicationAdded, KeyProposed, KeyIssued, KeyRevoked, PolicyProposed, PolicyChanged, UserRegistered,
		UserReaddressed, UserDeleted, UserChanged, ServiceUsed, UserEnrolled, UserReenrolled, UserDisabled, UserReset, UserRequired,
		UserExempted, UserInherits, UsersExempted, GraceExtended, GraceEnded, PasswordChanged, RecoveryUsed, UserSuspended, UserLocked,
		UserUndeliverable, NumberOptedOut, NumberOptedIn, UserDeliverable, SystemBootstrapped, SenderClaimed, SenderChanged,
		SenderVerified, SenderFailed, SenderLost, SenderRemoved, BrandingChanged, ApplicationChanged, ApplicationRemoved,
		ApplicationProposed, ApplicationWidened, AdministratorProposed, AdministratorInvited, AdministratorAccepted, AdministratorRaised,
		AdministratorMoved, AdministratorLinked, AdministratorChanged, AdministratorRemoved, AdministratorSignedIn, AdministratorSignedOut, DeviceTrusted, DeviceRenamed, DeviceRevoked,
		DevicesRevoked, DeviceTheft, AuthenticatorAdded, AuthenticatorChanged, AuthenticatorRemoved, RecoveryCodesRenewed,
		RecoveryEmailChanged, BypassMade, TicketMade, GuessingSeen, BombingSeen, AppPasswordCreated, AppPasswordViewed,
		AppPasswordRevoked, AnnouncementCreated, AnnouncementChanged, AnnouncementsDeclined, AnnouncementsWanted, WebhookSet,
		WebhookRenewed, WebhookReplayed, WebhookRemoved, WebhookDisabled, ImpersonationBegun, ImpersonationEnded,
	}
}
