package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// channel is the way to one channel of results.
type channel struct {
	public *client
	manage *client // nil where there is no management port
	liars  *Interposer
}

// maxObject bounds what a channel answers, in bytes.
const maxObject = 16 << 20

func (m *Managed) channel(name string) (*channel, error) {
	c := m.channelPorts[name]
	if c == nil {
		return nil, fmt.Errorf("%w: there is no channel %q", targets.ErrUnable, printable(name))
	}
	return c, nil
}

// ReadChannel is of targets.Channels: any answer is one, problems too.
func (m *Managed) ReadChannel(ctx context.Context, name, path string) (targets.Response, error) {
	c, err := m.channel(name)
	if err != nil {
		return targets.Response{}, err
	}
	a, err := c.public.do(ctx, request{path: path, limit: maxObject})
	return targets.Response{Status: a.status, ContentType: a.header, Body: a.body}, err
}

// InterposeChannel is of targets.Channels.
func (m *Managed) InterposeChannel(_ context.Context, name string, f targets.Liar) error {
	c, err := m.channel(name)
	if err == nil {
		c.liars.Set(f)
	}
	return err
}

// uploadUnit brings a unit result to the official publisher.
func (m *Managed) uploadUnit(ctx context.Context, body []byte) (targets.Answer, error) {
	c, err := m.channel(message.ChannelOfficial)
	if err != nil {
		return targets.Answer{}, err
	}
	a, err := c.public.do(ctx, request{path: "/v1/unit-results", post: true, body: body})
	if err != nil {
		return unknown(err), nil
	}
	return kind{}.outcome(a), nil
}

// publisherKey is the key of a corrupted publisher.
func (m *Managed) publisherKey(ctx context.Context, name string) ([]byte, error) {
	c, err := m.channel(name)
	if err != nil {
		return nil, err
	}
	if c.manage == nil {
		return nil, without("the publisher " + name)
	}
	keys, err := ask[manage.Keys](ctx, c.manage, request{path: manage.PathKeys + "?role=publisher&id=" + url.QueryEscape(name)}, nil)
	if err != nil {
		return nil, err
	}
	for _, k := range keys.Keys {
		if k.Role == message.RolePublisher && k.ID == name {
			return k.Signing[:], nil
		}
	}
	return nil, fmt.Errorf("%w: the publisher %s did not give its key", targets.ErrTarget, printable(name))
}

// PostNotice implements targets.Announcer.
func (m *Managed) PostNotice(ctx context.Context, text string) ([]byte, error) {
	c, err := m.channel(message.ChannelOfficial)
	if err != nil {
		return nil, err
	}
	if c.manage == nil {
		return nil, without("the official publisher")
	}
	n, err := ask[manage.Notice](ctx, c.manage, request{path: manage.PathPostNotice}, manage.PostNotice{Text: text})
	return n.Notice, err
}

// ShowNotice implements targets.Informed.
func (v *voter) ShowNotice(ctx context.Context, notice []byte) ([]string, error) {
	out, err := ask[manage.ShownNotices](ctx, v.managed.voter, request{path: manage.PathShowNotice, limit: maxManaged}, manage.ShowNotice{Notice: notice, Voter: v.id})
	var p *problemError
	if errors.As(err, &p) && p.status == http.StatusConflict {
		return nil, objected(err)
	}
	for i := range out.Texts {
		out.Texts[i] = printable(out.Texts[i])
	}
	return out.Texts, known(err)
}
