// Package stream stands in for Lambda's event source mapping on a DynamoDB stream: it reads every shard in order,
// filters, batches, invokes the function and retries as the template says. Records that were tried often enough go
// to a queue that stands for the on-failure destination. It knows nothing of what the records mean and may not be
// imported by anything that is deployed.
package stream

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"twofold/infra/local/template"
)

// Invoker runs a function once. *lambda.Pool is one.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Client is what is needed of *dynamodbstreams.Client.
type Client interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

// Options says what is read and what is done with it. All fields must be set.
type Options struct {
	Client      Client
	StreamARN   string
	Reader      string // names this reader in checkpoints, logs and failures: "mailer"
	Source      template.StreamSource
	Function    Invoker
	FunctionARN string // for messages to the destination
	Checkpoints *Checkpoints
	Failures    *Failures
	Now         func() time.Time
	Log         *slog.Logger
}

// Poller is one running event source. Make it with Start.
type Poller struct {
	o       Options
	filters []pattern
	backoff func(attempt int) time.Duration
	poll    pace
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu     sync.Mutex
	shards map[string]*shardState
	begins map[string]*string // by shard that was there before the poller: where LATEST is
}

// Start checks the source's filters and begins to read from the checkpoint, or where there is none from the source's
// starting position. What is written after Start has returned is read in either case.
func Start(o Options) (*Poller, error) {
	p, err := newPoller(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	if o.Source.Latest {
		if err := p.findLatest(ctx); err != nil {
			cancel()
			return nil, err
		}
	}
	p.cancel = cancel
	p.workers.Go(func() { p.follow(ctx) })
	return p, nil
}

func newPoller(o Options) (*Poller, error) {
	p := &Poller{
		o: o, poll: pace{shortest: 20 * time.Millisecond, longest: 250 * time.Millisecond},
		backoff: exponential(100*time.Millisecond, 10*time.Second),
		shards:  map[string]*shardState{}, begins: map[string]*string{},
	}
	for _, text := range o.Source.Filters {
		f, err := parseFilter(text)
		if err != nil {
			return nil, err
		}
		p.filters = append(p.filters, f)
	}
	return p, nil
}

// Stop ends the reading and writes the checkpoints. A batch under way is not counted as delivered.
func (p *Poller) Stop() error {
	p.cancel()
	p.workers.Wait()
	return p.o.Checkpoints.Save()
}

// shardState says how far one shard of the stream is.
type shardState struct {
	done  bool // read to its end
	idles int  // how often it was found without anything new, everything delivered
}

// Settle waits until everything that could be read when it was called has been dealt with, or ctx ends. A change
// reaches the stream a few milliseconds after the table, so that the very latest may come later.
func (p *Poller) Settle(ctx context.Context) error {
	wanted := map[*shardState]int{}
	for {
		p.mu.Lock()
		settled := len(p.shards) > 0
		for _, state := range p.shards {
			if _, seen := wanted[state]; !seen {
				wanted[state] = state.idles + 2 // the first may belong to a read that began before
			}
			settled = settled && (state.done || state.idles >= wanted[state])
		}
		p.mu.Unlock()
		if settled {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// refresh is how often the list of shards is read anew when no shard has ended.
const refresh = 5 * time.Second

// follow starts a worker for each shard whose parent has been read to its end, until ctx ends.
func (p *Poller) follow(ctx context.Context) {
	ended := make(chan struct{}, 1)
	for ctx.Err() == nil {
		wait := refresh
		if shards, err := p.describe(ctx); err != nil {
			p.report(ctx, "reading the list of shards", err)
			wait = time.Second
		} else {
			p.begin(ctx, shards, ended)
		}
		select {
		case <-ctx.Done():
		case <-ended:
		case <-time.After(wait):
		}
	}
}

func (p *Poller) describe(ctx context.Context) ([]types.Shard, error) {
	var shards []types.Shard
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(p.o.StreamARN)}
	for {
		out, err := p.o.Client.DescribeStream(ctx, in)
		if err != nil {
			return nil, err
		}
		shards = append(shards, out.StreamDescription.Shards...)
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return shards, nil
		}
	}
}

// begin starts what can be started. A parent that is no longer listed has been trimmed and holds nobody up.
func (p *Poller) begin(ctx context.Context, shards []types.Shard, ended chan<- struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	listed := map[string]bool{}
	for _, s := range shards {
		listed[*s.ShardId] = true
	}
	for _, s := range shards {
		id, parent := *s.ShardId, aws.ToString(s.ParentShardId)
		if p.shards[id] != nil {
			continue
		}
		if listed[parent] && (p.shards[parent] == nil || !p.shards[parent].done) {
			continue
		}
		state := &shardState{}
		p.shards[id] = state
		p.workers.Go(func() { p.read(ctx, id, state, ended) })
	}
}

func (p *Poller) read(ctx context.Context, id string, state *shardState, ended chan<- struct{}) {
	w := &shard{poller: p, id: id, key: p.key(id)}
	w.idle = func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		state.idles++
	}
	if !w.readToEnd(ctx) {
		return
	}
	p.mu.Lock()
	state.done = true
	p.mu.Unlock()
	select {
	case ended <- struct{}{}:
	default:
	}
}

// report logs a failure of ours; the end of ctx is none.
func (p *Poller) report(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		p.o.Log.Warn("stream: "+what, "reader", p.o.Reader, "error", err)
	}
}

// exponential doubles from first to longest.
func exponential(first, longest time.Duration) func(int) time.Duration {
	return func(attempt int) time.Duration {
		return min(longest, first<<min(attempt, 20))
	}
}
