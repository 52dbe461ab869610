package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// here gives this boot and these namespaces; nothing when /proc shows another namespace of processes than ours, as it does after
// `unshare --pid` without a /proc of its own: numbers in it are not ours then.
func here(context.Context) (boot, space string) {
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return "", ""
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", ""
	}
	processes, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", ""
	}
	times, err := os.Readlink("/proc/self/ns/time")
	if err != nil {
		times = "" // kernels before 5.6 have none
	}
	return strings.TrimSpace(string(id)), strings.TrimSpace(processes + " " + times)
}

func sameBoot(a, b string) bool { return a == b }

func sameStart(a, b int64) bool { return a == b }

// exists asks the kernel, since /proc may hide the processes of others (hidepid).
func exists(_ context.Context, pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// started reads /proc/PID/stat (proc_pid_stat(5)).
func started(_ context.Context, pid int) (int64, processState) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, unseen
	}
	// The name may hold blanks and brackets; what follows it does not.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const stateField, threadsField, startField = 0, 17, 19 // counted from behind the name
	if len(fields) <= startField {
		return 0, unseen
	}
	if fields[stateField] == "X" || fields[stateField] == "Z" && fields[threadsField] < "2" {
		return 0, ended
	}
	start, err := strconv.ParseInt(fields[startField], 10, 64)
	if err != nil {
		return 0, unseen
	}
	return start, running
}
