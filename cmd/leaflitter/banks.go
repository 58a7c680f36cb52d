package main

import (
	"sync"

	"leaflitter/bank"
	"leaflitter/scene"
)

// banks keeps the tables of the configurations asked for last. Engines hold on to theirs
// as long as they are open.
type banks struct {
	mu   sync.Mutex
	list []*sharedBank // the one used last at the end
}

type sharedBank struct {
	key  string
	once sync.Once
	bank *bank.Bank
}

// mostBanks is how many are kept beside those of open engines, of up to 62 MB each.
const mostBanks = 4

// get returns the tables of a configuration; whoever asks first builds them.
func (b *banks) get(cfg *scene.Config) *bank.Bank {
	k := bank.Key(cfg)
	b.mu.Lock()
	at := -1
	for i, s := range b.list {
		if s.key == k {
			at = i
		}
	}
	s := &sharedBank{key: k}
	if at >= 0 {
		s = b.list[at]
		b.list = append(b.list[:at], b.list[at+1:]...)
	} else if len(b.list) == mostBanks {
		b.list = b.list[1:]
	}
	b.list = append(b.list, s)
	b.mu.Unlock()
	s.once.Do(func() { s.bank = bank.New(cfg) })
	return s.bank
}
