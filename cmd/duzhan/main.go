// Command duzhan (督战) is the command-and-accountability system of a district in an emergency: one
// binary that serves, imports, counts, proves and rebuilds.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"duzhan/internal/access"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/message"

	"github.com/alecthomas/kong"
)

// CLI is every command and option. An option comes from its flag, else from DUZHAN_ and its name.
type CLI struct {
	Serve   ServeCmd   `cmd:"" help:"Serve the pages and the API."`
	Demo    DemoCmd    `cmd:"" help:"Make the demonstration in an empty data folder."`
	Init    InitCmd    `cmd:"" help:"Make a jurisdiction and its first account in an empty data folder."`
	Account AccountCmd `cmd:"" help:"Add an account."`
	Regions RegionsCmd `cmd:"" help:"Register regions from a CSV file."`
	People  PeopleCmd  `cmd:"" help:"Register people, their posts and accounts from a file."`
	Figures FiguresCmd `cmd:"" help:"Print the figures as of two times."`
	Brief   BriefCmd   `cmd:"" help:"Print what is reported."`
	Import  ImportCmd  `cmd:"" help:"Import a ledger of inspections."`
	Rules   RulesCmd   `cmd:"" help:"The rule pack: list its versions, publish one."`
	Rebuild RebuildCmd `cmd:"" help:"Make the derived tables anew from the ledger, or check them."`
	Verify  VerifyCmd  `cmd:"" help:"Verify the ledger's tree and its sealed parts."`
	Parts   PartsCmd   `cmd:"" help:"Sealed parts: list keys, destroy."`
	Openapi OpenapiCmd `cmd:"" help:"Print the API's description (OpenAPI 3.1)."`
	Version VersionCmd `cmd:"" help:"Print the version."`
}

// env is what a command runs in.
type env struct {
	ctx    context.Context
	stdout io.Writer
	stderr io.Writer
	stdin  io.Reader
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the whole program, for tests too. It gives the exit code: 0 done, 1 failed, 2 wrong usage.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli CLI
	exit := -1
	parser, err := kong.New(&cli, kong.Name("duzhan"), kong.DefaultEnvars("DUZHAN"), kong.Writers(stdout, stderr),
		kong.Vars{"roles": strings.Join(slices.Sorted(maps.Keys(access.Roles)), ", ")},
		kong.Exit(func(code int) { exit = code }),
		kong.Description("督战 · supervise and fight. The command-and-accountability system of a district in an emergency."),
		kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(stderr, "duzhan:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "duzhan:", err)
		return 2
	}
	if err := k.Run(&cli.Rules, &env{ctx: ctx, stdout: stdout, stderr: stderr, stdin: stdin}); err != nil {
		fmt.Fprintln(stderr, "duzhan:", explain(err))
		return 1
	}
	return 0
}

// explain says a refusal in the language of the terminal, with the field and the rule.
func explain(err error) string {
	lang := message.Choose(firstOf(os.Getenv("LC_ALL"), os.Getenv("LANG"), "en"))
	var m intake.MappingError
	if errors.As(err, &m) {
		return "--map: " + message.At(m.Line, m.Field, message.Say(lang, "refusal."+m.Rule, m.Args)) + " (" + m.Rule + ")"
	}
	var f intake.FileError
	if errors.As(err, &f) {
		return message.At(f.Line, f.Column, message.Say(lang, "refusal."+f.Rule, f.Args)) + " (" + f.Rule + ")"
	}
	var r *ledger.Refusal
	if !errors.As(err, &r) {
		return err.Error()
	}
	text := message.Say(lang, "refusal."+r.Code, r.Args)
	if r.Field != "" {
		text = r.Field + ": " + text
	}
	return text + " (" + r.Code + ")"
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" && s != "C" && s != "POSIX" && s != "C.UTF-8" {
			return s
		}
	}
	return ""
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// VersionCmd prints the version.
type VersionCmd struct{}

// Run prints the version.
func (VersionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, "duzhan", version())
	return err
}
