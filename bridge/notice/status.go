package notice

// Step is a step of a document in the document system that its sender may be told.
type Step string

const (
	StepArrived    Step = "arrived"    // the system has it
	StepRegistered Step = "registered" // it is in the register
	StepHandled    Step = "handled"    // its work is done
	StepRefused    Step = "refused"    // it was refused there
)

// Steps lists all of them.
func Steps() []Step { return []Step{StepArrived, StepRegistered, StepHandled, StepRefused} }

// kind is the notice of a step: each is told once.
func (s Step) kind() Kind {
	switch s {
	case StepArrived:
		return StatusArrived
	case StepRegistered:
		return StatusRegistered
	case StepHandled:
		return StatusHandled
	}
	return StatusRefused
}

// words say what was reported.
func (s Step) words() string {
	switch s {
	case StepArrived:
		return "văn bản đã đến Hệ thống"
	case StepRegistered:
		return "văn bản đã được tiếp nhận, vào sổ văn bản đến"
	case StepHandled:
		return "văn bản đã được xử lý xong"
	}
	return "văn bản bị từ chối tiếp nhận trên Hệ thống"
}

// ComposeStatus tells the sender of a mailed document what was reported of it, in the thread of the mail. Everything in the input but Standing,
// Reason and Counted is about that mail. Exactly one of its results is set.
func ComposeStatus(in Input, step Step) (*Draft, Silence) {
	if s := in.mute(); s != "" {
		return nil, s
	}
	kind, s := in.once(step.kind())
	if s != "" {
		return nil, s
	}
	if s := in.unreachable(); s != "" {
		return nil, s
	}
	in.step = step
	return in.draft(kind), ""
}
