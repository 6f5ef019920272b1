package message

import "scrutineer/protocols/codec"

// Publishing is the part of a manifest that says how results are published
// (SPEC.md §2): over which two channels, and when at the earliest. An election
// without it publishes on the board alone.
type Publishing struct {
	Backup    Publisher `json:"backup"`
	Official  Publisher `json:"official"`
	ReleaseAt uint64    `json:"releaseAt"` // Unix seconds
}

// Publisher is one channel: who signs on it, and where it is found.
type Publisher struct {
	Key  Key    `json:"key"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// The ids of the publishers, as RolePublisher has them, and of their channels.
const (
	ChannelOfficial = "official"
	ChannelBackup   = "backup"
)

// Channels lists both.
func Channels() []string { return []string{ChannelOfficial, ChannelBackup} }

// Publisher finds a channel's.
func (p *Publishing) Publisher(channel string) (Publisher, bool) {
	switch {
	case p == nil:
	case channel == ChannelOfficial:
		return p.Official, true
	case channel == ChannelBackup:
		return p.Backup, true
	}
	return Publisher{}, false
}

// What is said beside the board of the result and in the name of the electoral
// body, signed as the statements of place.go are:
//
//	publication     publisher, official or backup   what a channel shows
//	result-version  officer, two of three           a version after the first
//	watch           witness                         what was seen at an address
//	unit-result     place officer, two              the paper count of a unit
//	body-notice     officer, two of three           a notice of the electoral body
//	notice-head     publisher, official             how long the chain of notices is
const (
	TypePublication   Type = "publication"
	TypeResultVersion Type = "result-version"
	TypeWatch         Type = "watch"
	TypeUnitResult    Type = "unit-result"
	TypeBodyNotice    Type = "body-notice"
	TypeNoticeHead    Type = "notice-head"
)

// Publication is what a channel shows once results are out (S-71): the result,
// recomputed from the shares by who publishes it, the unit results that may be
// shown, by unit in the manifest's order, and the publisher's statement about
// both. Version counts from 1; a later one bears the approvals of two officers.
type Publication struct {
	Approvals []OfficerSignature `json:"approvals" limit:"64"`
	Result    Result             `json:"result"`
	Statement Statement          `json:"statement"`
	Units     []UnitResult       `json:"units" limit:"4096"`
}

// Content is what the digest of a statement is of.
func (p Publication) Content() PublicationContent { return PublicationContent{p.Result, p.Units} }

// PublicationContent is what channels must agree on.
type PublicationContent struct {
	Result Result       `json:"result"`
	Units  []UnitResult `json:"units" limit:"4096"`
}

// Statement is what a publisher signs: which content of which sealed election
// it shows.
type Statement struct {
	Channel     string    `json:"channel"`
	Digest      Digest    `json:"digest"` // hb of PublicationContent
	Fingerprint Digest    `json:"fingerprint"`
	Root        Digest    `json:"root"`
	Signature   Signature `json:"signature,omitzero"`
	Version     uint64    `json:"version"`
}

// Author is the channel's publisher.
func (s Statement) Author() Author { return Author{TypePublication, RolePublisher, s.Channel} }

// Content is what is signed.
func (s Statement) Content() Statement { s.Signature = Signature{}; return s }

// ResultVersion is what officers sign of a version after the first.
type ResultVersion struct {
	Digest  Digest `json:"digest"`
	Root    Digest `json:"root"`
	Version uint64 `json:"version"`
}

// Author is one of the three officers.
func (ResultVersion) Author(id string) Author { return Author{TypeResultVersion, RoleOfficer, id} }

// Content is what is signed.
func (v ResultVersion) Content() ResultVersion { return v }

// UnitResult is the paper count of one unit's polling place (S-75): the totals
// of its cards, signed by two of its officers, naming the minutes.
type UnitResult struct {
	Contests    []UnitTotals       `json:"contests" limit:"256"`
	Fingerprint Digest             `json:"fingerprint"`
	Minutes     Digest             `json:"minutes"` // hb of the place's minutes
	Signatures  []OfficerSignature `json:"signatures,omitempty" limit:"8"`
	Unit        string             `json:"unit"`
}

// Author is one of the officers of the unit's place.
func (UnitResult) Author(id string) Author { return Author{TypeUnitResult, RolePlaceOfficer, id} }

// Content is what is signed.
func (u UnitResult) Content() UnitResult { u.Signatures = nil; return u }

// UnitTotals are the totals of one contest: options in order, then blank, each
// weighted, and how many cards of each weight they rest on, by ascending weight.
type UnitTotals struct {
	Cards   []CardCount `json:"cards" limit:"1024"`
	Contest string      `json:"contest"`
	Totals  []uint64    `json:"totals" limit:"257"`
}

// CardCount is how many cards of one weight there are.
type CardCount struct {
	Cards  uint64 `json:"cards"`
	Weight uint64 `json:"weight"`
}

// UnitUpload brings a unit result to the official publisher. Password is for
// systems that ask for one, and means nothing to a sound publisher.
type UnitUpload struct {
	Password string     `json:"password,omitempty" limit:"256"`
	Result   UnitResult `json:"result"`
}

// Watch is what a witness's watcher saw at an address: the digest of the bytes
// and when, signed (S-73).
type Watch struct {
	Digest      Digest    `json:"digest"`
	Fingerprint Digest    `json:"fingerprint"`
	Signature   Signature `json:"signature,omitzero"`
	Status      uint64    `json:"status"`
	Time        uint64    `json:"time"` // Unix seconds
	URL         string    `json:"url" limit:"2048"`
	Witness     string    `json:"witness"`
}

// Author is the witness.
func (w Watch) Author() Author { return Author{TypeWatch, RoleWitness, w.Witness} }

// Content is what is signed.
func (w Watch) Content() Watch { w.Signature = Signature{}; return w }

// Capture is the bytes that several watchers saw at one address. It convinces
// whoever has the manifest and the record.
type Capture struct {
	Body    codec.HexBytes `json:"body" limit:"16777216"`
	Watches []Watch        `json:"watches" limit:"64"`
}

// BodyNotice is a notice of the electoral body (S-76), a link of a chain that
// counts from 1: Previous is hb of the notice before, zero for the first. It is
// not to be shown after Until.
type BodyNotice struct {
	Fingerprint Digest             `json:"fingerprint"`
	Kind        NoticeKind         `json:"kind"`
	Number      uint64             `json:"number"`
	Previous    Digest             `json:"previous"`
	Signatures  []OfficerSignature `json:"signatures,omitempty" limit:"8"`
	Text        string             `json:"text" limit:"4096"`
	Until       uint64             `json:"until"` // Unix seconds
}

// Author is one of the three officers.
func (BodyNotice) Author(id string) Author { return Author{TypeBodyNotice, RoleOfficer, id} }

// Content is what is signed.
func (n BodyNotice) Content() BodyNotice { n.Signatures = nil; return n }

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds.
const (
	NoticeInformation NoticeKind = "information"
	NoticeChange      NoticeKind = "change" // of a time or an address
	NoticeWarning     NoticeKind = "warning"
	NoticeWithdrawal  NoticeKind = "withdrawal" // of an earlier notice
)

// NoticeHead says how long the chain of notices is and when that was so.
type NoticeHead struct {
	Digest      Digest    `json:"digest"` // hb of the last notice; zero where there is none
	Fingerprint Digest    `json:"fingerprint"`
	Number      uint64    `json:"number"`
	Signature   Signature `json:"signature,omitzero"`
	Time        uint64    `json:"time"`
}

// Author is the official publisher.
func (h NoticeHead) Author() Author { return Author{TypeNoticeHead, RolePublisher, ChannelOfficial} }

// Content is what is signed.
func (h NoticeHead) Content() NoticeHead { h.Signature = Signature{}; return h }

// BodyNotices is the whole chain with its head.
type BodyNotices struct {
	Head    NoticeHead   `json:"head"`
	Notices []BodyNotice `json:"notices" limit:"4096"`
}
