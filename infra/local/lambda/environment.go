package lambda

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
)

// account is the account that everything local belongs to.
const account = "000000000000"

func arn(f Function) string {
	return "arn:aws:lambda:" + f.Region + ":" + account + ":function:" + f.Name
}

// environment is what a function finds on Lambda, and nothing of this machine's own: a variable that the template
// forgets must be missing here too.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func environment(f Function, api string) []string {
	root := filepath.Dir(f.Binary)
	set := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_FORMAT":           f.LogFormat,
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/local/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_REGION":                      f.Region,
		"AWS_DEFAULT_REGION":              f.Region,
		"AWS_ACCESS_KEY_ID":               "local",
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"LAMBDA_TASK_ROOT":                root,
		"LAMBDA_RUNTIME_DIR":              root,
		"_HANDLER":                        f.Handler,
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"TZ":                              ":UTC",
	}
	maps.Copy(set, f.Environment)
	list := make([]string, 0, len(set))
	for _, name := range slices.Sorted(maps.Keys(set)) {
		list = append(list, name+"="+set[name])
	}
	return list
}
