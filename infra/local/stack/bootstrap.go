package stack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// bootstrap runs the command that an operator runs once after a deployment: it makes the keysets and the first
// system administrator's key. It may run again and leaves alone what is there.
func (s *Stack) bootstrap(ctx context.Context, o Options) error {
	if o.Bootstrap == "" {
		return nil
	}
	folder, err := s.keysFolder(o)
	if err != nil {
		return err
	}
	s.KeysFile = filepath.Join(folder, "first-key.json")
	cmd := exec.CommandContext(ctx, filepath.Join(o.BinDir, bootstrapBinary, bootstrapBinary),
		"-table", s.TableName, "-kms-key", s.KMS.ARN(), "-out", s.KeysFile, "-email", Administrator)
	cmd.Dir = o.Root
	// Nothing of the developer's own AWS configuration: this must not reach a real account.
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	for name, value := range s.Environment() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("stack: the bootstrap failed: %w\n%s", err, out)
	}
	_, _ = s.logs.named(bootstrapBinary).Write(out) // logs that cannot be written must not stop the stack
	return nil
}

// keysFolder is DataDir, or a folder that goes with the stack.
func (s *Stack) keysFolder(o Options) (string, error) {
	if o.DataDir != "" {
		return o.DataDir, nil
	}
	folder, err := os.MkdirTemp("", "twofold-keys-*")
	if err != nil {
		return "", fmt.Errorf("stack: %w", err)
	}
	s.onStop(func() error { return os.RemoveAll(folder) })
	return folder, nil
}
