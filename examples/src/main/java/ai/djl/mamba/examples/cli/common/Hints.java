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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.internal.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Messages about wrong usage, with what was probably meant. */
final class Hints {

    private static final String TEMPERATURE = "--temperature";

    /** What others call the choice between sampling and the most likely token. */
    private static final Set<String> OF_SAMPLING =
            Set.of("--do-sample", "--no-do-sample", "--sample", "--greedy");

    private Hints() {}

    /**
     * Describes wrong usage.
     *
     * @param e what picocli says
     * @param args the arguments of the command line
     * @return a message in one line
     */
    static String message(ParameterException e, String... args) {
        String message =
                Failures.oneLine(e.getMessage())
                        .replaceFirst(
                                " is not an? (int|long)$", " is not a whole number below 2^$1")
                        .replaceFirst("2\\^int$", "2^31")
                        .replaceFirst("2\\^long$", "2^63")
                        .replaceFirst(" is not a (float|double)$", " is not a number");
        CommandLine command = e.getCommandLine();
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return message + unmatched(unmatched.getUnmatched().get(0), command);
        }
        if (e instanceof MissingParameterException) { // perhaps it is there, but mistyped
            Set<String> options = command.getCommandSpec().optionsMap().keySet();
            return Arrays.stream(args)
                    .map(Hints::option)
                    .filter(arg -> arg.startsWith("--") && !options.contains(arg))
                    .findFirst()
                    .map(arg -> "Unknown option: '" + arg + "'" + Nearest.hint(arg, options))
                    .orElse(message);
        }
        return message + value(e);
    }

    private static String unmatched(String argument, CommandLine command) {
        if (argument.startsWith("-")) {
            boolean isOfSampling = OF_SAMPLING.contains(option(argument));
            if (isOfSampling && command.getCommandSpec().optionsMap().containsKey(TEMPERATURE)) {
                return "; "
                        + TEMPERATURE
                        + " above 0 samples, and with 0 the most likely token is taken";
            }
            return Nearest.hint(option(argument), command.getCommandSpec().optionsMap().keySet());
        }
        Set<String> commands = command.getSubcommands().keySet();
        String hint = Nearest.hint(argument, commands);
        boolean isUnknown = hint.isEmpty() && !commands.isEmpty();
        return isUnknown ? "; the commands are " + String.join(", ", commands) : hint;
    }

    private static String option(String argument) {
        return argument.replaceFirst("=.*", "");
    }

    /** One of the values that an option takes. */
    private static String value(ParameterException e) {
        ArgSpec argument = e.getArgSpec();
        if (argument == null || e.getValue() == null) {
            return "";
        }
        return Nearest.hint(e.getValue(), values(argument));
    }

    private static Collection<String> values(ArgSpec argument) {
        List<String> values = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(values::add);
        } else if (argument.auxiliaryTypes()[0].isEnum()) {
            for (Object value : argument.auxiliaryTypes()[0].getEnumConstants()) {
                values.add(value.toString());
            }
        }
        return values;
    }
}
