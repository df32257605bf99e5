package mail

// stepUpLetter carries the code that confirms what an administrator has proposed, with what is about to change.
func stepUpLetter(v voice, p Proposal, code string) letter {
	key := "step_up." + string(p.Thing)
	heading := v.Say(key + ".heading")
	c := content{
		Heading: heading, Code: code, Lead: v.Say(key+".lead") + " " + v.Say("step_up.life"),
		Facts: v.details(p.Changes), NotYou: v.Say("step_up.not_you"),
	}
	c.Facts = append(c.Facts, v.fact(v.Say("fact.asked_from"), p.Seen))
	return letter{voice: v, to: p.Email, subject: v.subject(heading), tag: "step-up-" + slug(string(p.Thing)), content: c}
}

// arrivalLetter carries the code by which an administrator comes into the console, up to the second factor.
func arrivalLetter(v voice, p Proposal, code string) letter {
	heading := v.Say("arrival.heading")
	c := content{Heading: heading, Code: code, Lead: v.Say("arrival.lead"), Life: v.Say("arrival.life"), NotYou: v.Say("arrival.not_you")}
	if p.Organization != "" {
		c.Facts = append(c.Facts, v.fact(v.Say("fact.organization"), p.Organization))
	}
	c.Facts = append(c.Facts, v.fact(v.Say("fact.asked_from"), p.Seen))
	return letter{voice: v, to: p.Email, subject: v.subject(heading), tag: "arrival", content: c}
}
