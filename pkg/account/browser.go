package account

import "strings"

// Parts of what browsers call themselves, and what people call those: the first that is in it holds, since each takes the names of those that
// came before it.
var (
	programs = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// browserOf is what people call a browser that calls itself so; where nobody knows it, what it calls itself. It is for recognising one, and
// proves nothing: anybody may call a browser anything.
func browserOf(agent string) string {
	program, known := called(programs, agent)
	if !known {
		return agent
	}
	if system, known := called(systems, agent); known {
		return program + ", " + system
	}
	return program
}

func called(names [][2]string, agent string) (string, bool) {
	for _, n := range names {
		if strings.Contains(agent, n[0]) {
			return n[1], true
		}
	}
	return "", false
}
