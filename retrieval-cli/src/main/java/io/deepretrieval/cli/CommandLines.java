// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Makes the command line: commands, exit codes, errors of one line. */
public final class CommandLines {
  private CommandLines() {}

  /**
   * Makes a command line.
   *
   * @param out for results
   * @param err for errors and progress
   * @param interactive whether progress may be drawn over itself
   * @return the command line; its {@code execute} returns 0 for success, 1 for a failure and 2 for
   *     wrong usage
   */
  public static CommandLine create(PrintWriter out, PrintWriter err, boolean interactive) {
    Terminal terminal = new Terminal(out, err, interactive);
    Root root = new Root();
    CommandLine line =
        new CommandLine(root)
            .addSubcommand(new QuickstartCommand(terminal))
            .addSubcommand(new WeightsCommand(terminal))
            .addSubcommand(new ExtractCommand(terminal))
            .addSubcommand(new WhitenCommand(terminal))
            .addSubcommand(new FinetuneCommand(terminal))
            .addSubcommand(new ExportCommand(terminal))
            .addSubcommand(new IndexCommand(terminal))
            .addSubcommand(new SearchCommand(terminal))
            .addSubcommand(
                new CommandLine(new StoreCommand())
                    .addSubcommand(new StoreCommand.Verify(terminal))
                    .addSubcommand(new StoreCommand.Compact(terminal)))
            .addSubcommand(new DuplicatesCommand(terminal))
            .addSubcommand(new EvaluateCommand(terminal))
            .addSubcommand(new LeaksCommand(terminal))
            .addSubcommand(new ExperimentCommand(terminal));
    line.setOut(out).setErr(err);
    line.setParameterExceptionHandler(
        (e, args) -> {
          err.println(
              "error: "
                  + message(e)
                  + " (see '"
                  + e.getCommandLine().getCommandSpec().qualifiedName()
                  + " --help')");
          return CommandLine.ExitCode.USAGE;
        });
    line.setExecutionExceptionHandler(
        (e, failed, result) -> {
          if (root.debug) {
            e.printStackTrace(err);
          } else {
            err.println("error: " + message(e));
          }
          return CommandLine.ExitCode.SOFTWARE;
        });
    return line;
  }

  /** All lines of a message; those of the JDK's file exceptions are bare paths. */
  private static String message(Exception e) {
    String message = e.getMessage();
    if (message == null) {
      return e.toString();
    }
    String all = message.strip();
    if (e instanceof NoSuchFileException) {
      return "no such file: " + all;
    }
    if (e instanceof FileAlreadyExistsException) {
      return "file exists: " + all;
    }
    if (e instanceof AccessDeniedException) {
      return "access denied: " + all;
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory: " + all;
    }
    return all;
  }

  @Command(
      name = "retrieval",
      mixinStandardHelpOptions = true,
      version = "deep-retrieval 0.1.0-SNAPSHOT",
      description = "Deep image retrieval: from photo to descriptor to ranked result.")
  private static final class Root implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--debug",
        scope = ScopeType.INHERIT,
        description = "Print the stack trace of a failure.")
    private boolean debug;

    @Override
    public void run() {
      throw new ParameterException(
          spec.commandLine(),
          "a command must be given, one of "
              + String.join(", ", spec.subcommands().keySet().stream().sorted().toList()));
    }
  }
}
