package image_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/image"
)

func TestPython(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"python:3.12-slim": "3.12", "docker.io/library/python:3.11.4": "3.11", "prefecthq/prefect:3-python3.13": "3.13", "ghcr.io/astral-sh/uv:python3.14-bookworm": "3.14",
		"python": "", "python:3": "", "python:latest": "", "acme/python-base:1": "", "ubuntu:24.04": "", "": "", "acme/python-x:python3.10": "3.10",
	} {
		if got := image.PythonOf(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for text, want := range map[string]string{
		"FROM python:3.12-slim\nRUN x\n":                                "3.12",
		"ARG V=3.11\nFROM python:${V}-slim AS base\nFROM base\nRUN x\n": "3.11",
		"FROM python:3.11 AS build\nFROM ubuntu\n":                      "",
		"ARG BASE\nFROM $BASE\n":                                        "3.13",
		"":                                                              "",
	} {
		if got := image.PythonIn([]byte(text), map[string]string{"BASE": "python:3.13"}); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
