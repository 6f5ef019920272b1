package manifest

import (
	"fmt"
	"slices"

	"scrutineer/protocols/message"
)

// electoralBody is how many officers an election with polling places has.
const electoralBody = 3

// maxPlaceOfficers bounds the officers of a place; two of them sign.
const maxPlaceOfficers = 8

// checkPlaces holds that polling places, their devices and who counts what they
// bring are there together or not at all, and that a unit has one place.
func checkPlaces(m *message.Manifest) error {
	if len(m.Places) == 0 {
		switch {
		case m.CountCentre != (message.Key{}):
			return fault("/countCentre", "is there without a polling place")
		case len(m.Devices) > 0:
			return fault("/devices", "are there without a polling place; list it in places")
		}
		return nil
	}
	if len(m.Officers) != electoralBody {
		return fault("/officers", "has %d officers, want %d where there are polling places", len(m.Officers), electoralBody)
	}
	if !slices.ContainsFunc(m.Channels, func(c message.Channel) bool { return c.Kind == message.ChannelOffline }) {
		return fault("/channels", "has no offline channel for the polling places")
	}
	if err := ids("/places", names(m.Places, func(p message.Place) string { return p.ID })); err != nil {
		return err
	}
	if err := checkPlaceLists(m); err != nil {
		return err
	}
	for i, d := range m.Devices {
		if !slices.ContainsFunc(m.Places, func(p message.Place) bool { return p.ID == d.Place }) {
			return fault(fmt.Sprintf("/devices/%d/place", i), "%q is no place of this manifest", d.Place)
		}
	}
	return nil
}

func checkPlaceLists(m *message.Manifest) error {
	taken, officers := map[string]string{}, map[string]bool{}
	for i, p := range m.Places {
		at := fmt.Sprintf("/places/%d", i)
		switch {
		case len(p.Title) > maxTitle:
			return fault(at+"/title", "is longer than %d bytes", maxTitle)
		case len(p.Officers) < 2 || len(p.Officers) > maxPlaceOfficers:
			return fault(at+"/officers", "has %d officers, want 2 to %d", len(p.Officers), maxPlaceOfficers)
		case len(p.Units) == 0:
			return fault(at+"/units", "is empty")
		}
		for j, u := range p.Units {
			at := fmt.Sprintf("%s/units/%d", at, j)
			if !slices.ContainsFunc(m.Units, func(x message.Unit) bool { return x.ID == u }) {
				return fault(at, "%q is no unit of this manifest", u)
			}
			if other, twice := taken[u]; twice {
				return fault(at, "%q has the place %q already", u, other)
			}
			taken[u] = p.ID
		}
		for j, o := range p.Officers {
			at := fmt.Sprintf("%s/officers/%d/id", at, j)
			if !idForm.MatchString(o.ID) {
				return fault(at, "%q is not a well-formed id", o.ID)
			}
			if officers[o.ID] {
				return fault(at, "%q occurs twice", o.ID)
			}
			officers[o.ID] = true
		}
	}
	return nil
}

// HasPlaces reports that the election has polling places.
func (e *Election) HasPlaces() bool { return len(e.Manifest.Places) > 0 }

// Place finds a polling place.
func (e *Election) Place(id string) (message.Place, bool) {
	for _, p := range e.Manifest.Places {
		if p.ID == id {
			return p, true
		}
	}
	return message.Place{}, false
}

// Device finds a device.
func (e *Election) Device(id string) (message.Device, bool) {
	for _, d := range e.Manifest.Devices {
		if d.ID == id {
			return d, true
		}
	}
	return message.Device{}, false
}

// keyAtPlace is KeyOf for the roles of a polling place.
func (e *Election) keyAtPlace(role message.Role, id string) (message.Key, bool) {
	m := &e.Manifest
	switch role {
	case message.RoleOfficer:
		return officerKey(m.Officers, id)
	case message.RoleCountCentre:
		return m.CountCentre, id == "" && e.HasPlaces()
	case message.RoleDevice:
		d, ok := e.Device(id)
		return d.Key, ok
	case message.RolePollBook:
		p, ok := e.Place(id)
		return p.PollBook, ok
	case message.RolePlaceOfficer:
		for _, p := range m.Places {
			if key, ok := officerKey(p.Officers, id); ok {
				return key, true
			}
		}
	}
	return message.Key{}, false
}

func officerKey(list []message.Officer, id string) (message.Key, bool) {
	for _, o := range list {
		if o.ID == id {
			return o.Key, true
		}
	}
	return message.Key{}, false
}
