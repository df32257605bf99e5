package user

// Act is what a fresh proof is given for.
type Act string

// ManageAppPasswords is to make, view or revoke one.
const ManageAppPasswords Act = "app_passwords"
