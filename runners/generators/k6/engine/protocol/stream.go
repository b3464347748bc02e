package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Stream takes the lines. What comes after the last one (failed, finished) is
// not written.
type Stream struct {
	mu    sync.Mutex
	file  *os.File
	ended bool
}

// OpenStream opens "fd:N", a pipe that the process was started with, or creates a file.
func OpenStream(target string) (*Stream, error) {
	number, isDescriptor := strings.CutPrefix(target, "fd:")
	if !isDescriptor {
		file, err := os.Create(target) //nolint:gosec // the conductor's own choice
		if err != nil {
			return nil, fmt.Errorf("the lines can't be written: %w", err)
		}
		return &Stream{file: file}, nil
	}
	descriptor, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q names no file descriptor, as fd:3 does", target)
	}
	file := os.NewFile(uintptr(descriptor), target)
	if _, err := file.Stat(); err != nil {
		return nil, fmt.Errorf("the process was started without file descriptor %d: %w", descriptor, err)
	}
	return &Stream{file: file}, nil
}

// Write writes one line.
func (s *Stream) Write(line any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encoding a line: %w", err)
	}
	_, err = s.file.Write(append(text, '\n'))
	return err
}

// End writes the last line, unless there was one.
func (s *Stream) End(line any) error {
	err := s.Write(line)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	s.ended = true
	return errors.Join(err, s.file.Close())
}
