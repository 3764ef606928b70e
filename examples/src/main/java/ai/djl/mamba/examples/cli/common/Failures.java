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

import ai.djl.ModelException;
import ai.djl.mamba.internal.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns exceptions into an exit code and one line on the standard error, in which control
 * characters are escaped: messages quote names from files.
 */
public final class Failures {

    private Failures() {}

    /** A failure whose message is all that the user needs. */
    public static final class Failure extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /**
         * Creates a failure.
         *
         * @param message what went wrong, in one line
         */
        public Failure(String message) {
            super(message);
        }

        /**
         * Creates a failure with a cause.
         *
         * @param message what went wrong, in one line
         * @param cause the cause, for {@code --verbose}
         */
        public Failure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The standard output is closed; the stream of the command line knows why. */
    static final class OutputClosed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        OutputClosed() {
            super("the standard output is closed");
        }
    }

    /**
     * Handles wrong usage, as picocli asks.
     *
     * @param e what is wrong
     * @param args the arguments
     * @return the exit code
     */
    public static int wrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        PrintWriter err = command.getErr();
        err.println(Printable.of(name + ": " + Hints.message(e, args)));
        err.println("Try '" + name + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /**
     * Handles a failed command, as picocli asks.
     *
     * @param e the failure
     * @param command the command
     * @param parsed its arguments
     * @return the exit code
     */
    public static int failure(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof OutputClosed) {
            return command.getCommandSpec().exitCodeOnSuccess(); // main decides whether it was one
        }
        PrintWriter err = command.getErr();
        err.println(Printable.of(command.getCommandSpec().qualifiedName() + ": " + describe(e)));
        if (command.getParseResult().hasMatchedOption("--verbose")) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            err.print(Printable.lines(trace.toString()));
            err.flush(); // which only println does by itself
        }
        return command.getCommandSpec().exitCodeOnExecutionException();
    }

    private static String describe(Throwable e) {
        if (e instanceof UncheckedIOException) {
            return describe(e.getCause());
        }
        if (e instanceof FileSystemException file && file.getReason() == null) {
            if (e instanceof NoSuchFileException) {
                return file.getFile() + ": no such file or folder";
            }
            if (e instanceof AccessDeniedException) {
                return file.getFile() + ": access denied";
            }
        }
        String message = e.getMessage() == null ? "" : oneLine(e.getMessage());
        if (message.isEmpty()) {
            return e.getClass().getSimpleName();
        }
        if (isRefusal(e)) {
            return withoutClass(message);
        }
        boolean isForUsers =
                e instanceof Failure || e instanceof IOException || e instanceof ModelException;
        return isForUsers ? message : e.getClass().getSimpleName() + ": " + message;
    }

    /**
     * Tells whether this project itself refuses what it was given.
     *
     * @param e an exception
     * @return whether its message is for users
     */
    public static boolean isRefusal(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return (e instanceof IllegalArgumentException || e instanceof IllegalStateException)
                && trace.length > 0
                && trace[0].getClassName().startsWith("ai.djl.mamba.");
    }

    /**
     * Shortens the message of a check.
     *
     * @param message the message
     * @return the message without the name of the class at its start
     */
    public static String withoutClass(String message) {
        return message.replaceFirst("^[A-Z]\\w*: ", "");
    }

    static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
