package mailserver

import (
	_ "embed"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed dovecot.conf.template
var configuration string

var configured = template.Must(template.New("dovecot.conf").Parse(configuration))

// settingsFile is where the script of the repository looks for its settings.
const settingsFile = "/etc/dovecot/twofold.settings"

// write puts down the configuration, the script with its settings and its key, and the account passwords.
func (s *Server) write(o Options, port string) error {
	script, err := os.ReadFile(o.Script)
	if err != nil {
		return err
	}
	here := filepath.Join(s.folder, "twofold.settings")
	if strings.Count(string(script), settingsFile) != 1 {
		return fmt.Errorf("%s does not name %s once", o.Script, settingsFile)
	}
	var accounts, conf strings.Builder
	for name, password := range o.Accounts {
		fmt.Fprintf(&accounts, "%s:{PLAIN}%s\n", name, password)
	}
	who, err := users()
	if err != nil {
		return err
	}
	who["Folder"], who["Port"] = s.folder, port
	if err := configured.Execute(&conf, who); err != nil {
		return err
	}
	key := filepath.Join(s.folder, "key")
	for path, file := range map[string]struct {
		text string
		mode os.FileMode
	}{
		filepath.Join(s.folder, "dovecot.conf"): {conf.String(), 0o644},
		filepath.Join(s.folder, "twofold.lua"):  {strings.ReplaceAll(string(script), settingsFile, here), 0o644},
		here:                                    {fmt.Sprintf("url = %s\norganization = %s\nkey_file = %s\n", o.URL, o.Organization, key), 0o644},
		key:                                     {o.Key + "\n", 0o600},
		filepath.Join(s.folder, "accounts"):     {accounts.String(), 0o644},
	} {
		if err := os.WriteFile(path, []byte(file.text), file.mode); err != nil {
			return err
		}
	}
	mail := filepath.Join(s.folder, "mail")
	if err := os.Mkdir(mail, 0o777); err != nil {
		return err
	}
	return os.Chmod(mail, 0o777) // whoever reads mail here is another user, where root runs this
}

// users are those that Dovecot's parts run as: Debian's where root starts it, otherwise whoever does.
func users() (map[string]string, error) {
	if os.Geteuid() == 0 {
		return map[string]string{"Internal": "dovecot", "Login": "dovenull", "Group": "dovecot", "Worker": "root", "Reader": "nobody", "ReaderGroup": "nogroup"}, nil
	}
	me, err := user.Current()
	if err != nil {
		return nil, err
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"Internal": me.Username, "Login": me.Username, "Group": group.Name, "Worker": me.Username, "Reader": me.Username, "ReaderGroup": group.Name, "Alone": "yes",
	}, nil
}
