/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.bench.BenchCommand;
import ai.djl.mamba.examples.cli.common.Failures;
import ai.djl.mamba.examples.cli.compare.CompareCommand;
import ai.djl.mamba.examples.cli.compare.CompareMemoryCommand;
import ai.djl.mamba.examples.cli.languages.LanguagesCommand;
import ai.djl.mamba.examples.cli.synthetic.SyntheticCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The {@code mamba} command line.
 *
 * <p>Exit codes: 0 for success, 2 for wrong usage, 1 for any other failure, with one line on the
 * standard error that says what went wrong; 130 and 143 for a training run that Ctrl-C or SIGTERM
 * stopped; it is saved and can be resumed.
 */
@Command(
        name = "mamba",
        description = "Mamba language models on the Deep Java Library.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            FinetuneCommand.class,
            ClassifyCommand.class,
            GenerateCommand.class,
            LogitsCommand.class,
            EvaluateCommand.class,
            ConvertCommand.class,
            SyntheticCommand.class,
            ZooCommand.class,
            BenchCommand.class,
            CompareCommand.class,
            LanguagesCommand.class,
            CompareMemoryCommand.class
        })
public final class Main {

    Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        // DJL would query the network to find out whether this machine is in a certain cloud
        System.getProperties().putIfAbsent("OPT_OUT_TRACKING", "true");
        CommandLine commandLine = commandLine();
        StandardOutput out = new StandardOutput();
        commandLine.setOut(utf8(out));
        ErrorStream err = new ErrorStream(new FileOutputStream(FileDescriptor.err));
        commandLine.setErr(utf8(err));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8)); // for logs
        if (areGarbled(args)) {
            commandLine
                    .getErr()
                    .println(
                            "mamba: the arguments have characters that the locale of this process"
                                    + " lacks: set LC_ALL=C.UTF-8, or use --prompt-file");
            System.exit(CommandLine.ExitCode.USAGE);
        }
        int code = commandLine.execute(args);
        commandLine.getOut().flush();
        if (code == CommandLine.ExitCode.OK && out.failure().isPresent()) {
            commandLine.getErr().println("mamba: standard output: " + out.failure().get());
            code = CommandLine.ExitCode.SOFTWARE;
        }
        System.exit(code);
    }

    /** Java decodes arguments in the encoding of the locale, which in containers is often ASCII. */
    private static boolean areGarbled(String... args) {
        return !"UTF-8".equals(System.getProperty("sun.jnu.encoding"))
                && Arrays.stream(args).anyMatch(arg -> arg.contains("\uFFFD"));
    }

    private static PrintWriter utf8(OutputStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /**
     * Creates the command line, for a caller that runs it in its own process.
     *
     * @return the command line
     */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(Failures::wrongUsage);
        commandLine.setExecutionExceptionHandler(Failures::failure);
        return commandLine;
    }

    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"mamba " + (version == null ? "(not packaged)" : version)};
        }
    }
}
