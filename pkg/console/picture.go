package console

import (
	"fmt"
	"math"
	"strings"
	"time"

	"twofold/pkg/report"
)

// picture is how many users there were on each day, and how many of them had a second factor, as the shapes of a drawing. What it shows stands
// in a table beside it, too.
type picture struct {
	Width, Height   int
	Users, Enrolled string // points of lines
	Area            string // the points of what is below the enrolled
	Top             int64  // the number at the upper edge
	First, Last     time.Time
	Days            []trendDay
}

// trendDay is a day of the table.
type trendDay struct {
	Day             time.Time
	Users, Enrolled int64
}

const (
	pictureWidth  = 720
	pictureHeight = 200
)

// pictured draws a trend; of less than two days there is nothing to draw.
func pictured(trend []report.TrendDay) picture {
	p := picture{Width: pictureWidth, Height: pictureHeight}
	if len(trend) < 2 {
		return p
	}
	for _, d := range trend {
		p.Top = max(p.Top, d.Users, d.Enrolled)
	}
	p.Top = rounded(p.Top)
	var users, enrolled []string
	for i, d := range trend {
		x := float64(i) * pictureWidth / float64(len(trend)-1)
		users, enrolled = append(users, p.point(x, d.Users)), append(enrolled, p.point(x, d.Enrolled))
		p.Days = append(p.Days, trendDay{dayOf(string(d.Day)), d.Users, d.Enrolled})
	}
	p.Users, p.Enrolled = strings.Join(users, " "), strings.Join(enrolled, " ")
	p.Area = fmt.Sprintf("0,%d %s %d,%d", pictureHeight, p.Enrolled, pictureWidth, pictureHeight)
	p.First, p.Last = p.Days[0].Day, p.Days[len(p.Days)-1].Day
	return p
}

func (p picture) point(x float64, n int64) string {
	return fmt.Sprintf("%.1f,%.1f", x, pictureHeight-float64(max(0, n))*pictureHeight/float64(p.Top))
}

// rounded is the next number that ends in noughts but for its first two digits: the upper edge of a picture.
func rounded(n int64) int64 {
	if n < 10 {
		return 10
	}
	step := int64(math.Pow10(len(fmt.Sprint(n)) - 2))
	return (n + step - 1) / step * step
}

// dayOf is a day as a time; zero where it is none.
func dayOf(day string) time.Time {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return at
}
