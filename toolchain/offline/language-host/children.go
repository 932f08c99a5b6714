package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	grace      = time.Second
	parentPoll = 500 * time.Millisecond
)

var (
	mutex   sync.Mutex
	running = map[*exec.Cmd]chan struct{}{}
)

// runChild runs a command to its end; a cancelled context asks it to end, and makes it after a second.
func runChild(ctx context.Context, command *exec.Cmd) error {
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	mutex.Lock()
	running[command] = ended
	mutex.Unlock()
	defer func() {
		mutex.Lock()
		delete(running, command)
		mutex.Unlock()
		close(ended)
	}()
	stop := context.AfterFunc(ctx, func() { end(command, ended) })
	defer stop()
	return command.Wait()
}

func end(command *exec.Cmd, ended <-chan struct{}) {
	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
		_ = command.Process.Kill()
	}
}

// endAll asks every child to end, and makes it after a second.
func endAll() {
	mutex.Lock()
	defer mutex.Unlock()
	for command, ended := range running {
		go end(command, ended)
	}
}

// endWithEngine ends this process and all it started as soon as the engine is gone, however it went: the engine holds the
// other end of stdin (closed by the kernel even after `kill -9`), and it is the parent.
func endWithEngine() {
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(parentPoll)
		}
		killGroup()
	}()
	if found, err := os.Stdin.Stat(); err == nil && found.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			killGroup()
		}()
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		endAll()
		deadline := time.Now().Add(grace)
		for time.Now().Before(deadline) && len(childrenLeft()) > 0 {
			time.Sleep(grace / 50)
		}
		killGroup()
	}()
}

func childrenLeft() []*exec.Cmd {
	mutex.Lock()
	defer mutex.Unlock()
	left := make([]*exec.Cmd, 0, len(running))
	for command := range running {
		left = append(left, command)
	}
	return left
}

// killGroup: the engine makes each plugin the leader of a group of its own, so this reaches the children's children too.
func killGroup() {
	for _, command := range childrenLeft() {
		_ = command.Process.Kill()
	}
	_ = syscall.Kill(-os.Getpid(), syscall.SIGKILL)
	// not a group leader: started by hand
	os.Exit(0)
}

// output sends what a child writes, one piece at a time.
type output struct {
	mutex sync.Mutex
	send  func(toStderr bool, chunk []byte) error
}

type sender struct {
	to       *output
	toStderr bool
}

func (s sender) Write(chunk []byte) (int, error) {
	s.to.mutex.Lock()
	defer s.to.mutex.Unlock()
	return len(chunk), s.to.send(s.toStderr, append([]byte{}, chunk...))
}

func (o *output) attach(command *exec.Cmd) {
	command.Stdout, command.Stderr = sender{o, false}, sender{o, true}
}

// exitCode of a command that ran; 1 where a signal ended it.
func exitCode(err error) (int32, error) {
	var ended *exec.ExitError
	if err == nil {
		return 0, nil
	}
	if !errors.As(err, &ended) {
		return 0, err
	}
	if ended.ExitCode() < 0 {
		return 1, nil
	}
	return int32(ended.ExitCode()), nil
}

// endOf says how a command ended: its exit code, or the signal that ended it.
func endOf(ended *exec.ExitError) string {
	if state, ok := ended.Sys().(syscall.WaitStatus); ok && state.Signaled() {
		return state.Signal().String()
	}
	return fmt.Sprintf("exit code %d", ended.ExitCode())
}
