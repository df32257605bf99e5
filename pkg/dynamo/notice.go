package dynamo

import (
	"maps"
	"strings"

	"twofold/pkg/user"
)

// encodeNotice writes the event as the audit has it, in a place of its own and with the addresses.
func encodeNotice(n user.Notice) item {
	i := encodeEvent(n.Event)
	for _, indexed := range []string{"a_user", "a_actor"} { // what happened to somebody, or by somebody, is read from the audit, once
		delete(i, indexed)
	}
	maps.Copy(i, noticeKey(n.Organization, n.User, n.Event.ID).item())
	i.bytes("to", n.To)
	i.text("deliver", noticeDelivery)
	i.number("ttl", n.ExpiresAt.Unix())
	return i
}

// noticeOf reads a notice from a stream's image; false where it is something else.
func noticeOf(image item) (user.Notice, bool, error) {
	organization, id, ok := image.key().userOf()
	if !ok || !strings.HasPrefix(image.key().sk, noticePrefix) {
		return user.Notice{}, false, nil
	}
	must, _, failed := read("NOTICE", image)
	n := user.Notice{Organization: organization, User: id, To: must.bytes("to")}
	event := maps.Clone(image)
	maps.Copy(event, key{auditPrefix + organization, image.key().sk}.item())
	var err error
	if n.Event, err = decodeEvent(event); err != nil {
		return n, true, err
	}
	n.Event.Notify = false
	return n, true, *failed
}
