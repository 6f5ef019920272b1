package ui

import (
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress tells how much of a known amount of work is done. It may be used
// by several goroutines at once; one is shown at a time.
type Progress struct {
	ui   *UI
	name string

	mu    sync.Mutex
	total int
	done  int
	told  int // tenths already told, where there is no bar

	bars *mpb.Progress
	bar  *mpb.Bar
}

// Progress begins to show how total pieces of work get done, under a name
// such as "attacks". The caller closes it before it prints results.
func (u *UI) Progress(name string, total int) *Progress {
	p := &Progress{ui: u, name: Safe(name), total: total}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.terminal || u.quiet || u.bars != nil {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(u.err), mpb.WithWidth(60), mpb.WithAutoRefresh())
	p.bar = p.bars.AddBar(int64(total),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(p.name+" ")),
		mpb.AppendDecorators(decor.CountersNoUnit("%d of %d"), decor.Elapsed(decor.ET_STYLE_MMSS, decor.WC{W: 7})))
	u.bars = p.bars
	return p
}

// Done tells that one more piece is done. Without a bar every tenth of the
// whole makes a line, which names the piece.
func (p *Progress) Done(piece string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.bar != nil {
		p.bar.Increment()
		return
	}
	if p.total <= 0 || p.done > p.total {
		return
	}
	if tenth := p.done * 10 / p.total; tenth > p.told {
		p.told = tenth
		p.ui.Infof("%s: %d of %d, %s", p.name, p.done, p.total, piece)
	}
}

// Close takes the bar away, also when the work was cut short. It may be
// called more than once.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		return
	}
	p.ui.mu.Lock()
	p.ui.bars = nil
	p.ui.mu.Unlock()
	p.bar.Abort(true)
	p.bars.Wait()
	p.bar = nil
}
