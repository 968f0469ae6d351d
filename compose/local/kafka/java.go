package kafka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// oldestJava is the oldest Java that Kafka 4's broker runs on.
const oldestJava = 17

const installJava = "install a JDK of version 17 or later (apt install openjdk-17-jre-headless, or brew install openjdk), or point JAVA_HOME to one"

// Available says why the broker cannot run on this machine; nil if it can. It does not fetch anything.
func Available() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := java(ctx); err != nil {
		return err
	}
	dir, err := cacheDir()
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); err == nil {
		return nil // fetched already
	}
	_, err = maven()
	return err
}

// versionLine is in what `java -version` prints: `openjdk version "17.0.15" ...`, or "1.8.0_..." of old.
var versionLine = regexp.MustCompile(`version "(\d+)`)

// java finds the Java runtime: in JAVA_HOME if that is set, else in PATH.
func java(ctx context.Context) (string, error) {
	path := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		path = filepath.Join(home, "bin", "java")
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("no Java: %w; %s", err, installJava)
	}
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput() //nolint:gosec // the user's own Java
	if err != nil {
		return "", fmt.Errorf("no Java: ask %s for its version: %w (%s); %s", path, err, out, installJava)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("no Java: %s -version printed %q, no version; %s", path, out, installJava)
	}
	if major, err := strconv.Atoi(string(m[1])); err != nil || major < oldestJava {
		return "", fmt.Errorf("%s is version %s, too old for Kafka: %s", path, m[1], installJava)
	}
	return path, nil
}

func maven() (string, error) {
	path, err := exec.LookPath("mvn")
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("no Maven to fetch Kafka with: install it (apt install maven, or brew install maven)")
	}
	if err != nil {
		return "", fmt.Errorf("no Maven to fetch Kafka with: %w", err)
	}
	return path, nil
}
