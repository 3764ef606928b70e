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
package ai.djl.mamba.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.testng.SkipException;

/** Pipes in the place of files: whoever opens one waits for a writer. */
public final class Pipes {

    private static final int PATIENCE_SECONDS = 30; // only where the pipe is opened

    private Pipes() {}

    /** Makes a pipe, or skips the test where there are none. */
    public static Path make(Path path) throws InterruptedException {
        String problem;
        try {
            Process process =
                    new ProcessBuilder("mkfifo", path.toString()).redirectErrorStream(true).start();
            byte[] output = process.getInputStream().readAllBytes();
            problem = process.waitFor() == 0 ? null : new String(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            problem = e.getMessage();
        }
        if (problem != null) {
            throw new SkipException("there are no pipes here: " + problem.strip());
        }
        return path;
    }

    /** Returns how a reader fails, which must not wait for the pipe; lets it go if it does. */
    public static Exception failure(Path pipe, Callable<?> reader) throws Exception {
        FutureTask<Object> task = new FutureTask<>(reader::call);
        Thread thread = new Thread(task, "reader of " + pipe);
        thread.setDaemon(true);
        thread.start();
        try {
            task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            while (thread.isAlive()) { // it may open the pipe more than once
                new RandomAccessFile(pipe.toFile(), "rw").close();
                thread.join(100);
            }
            throw new AssertionError(pipe + " was opened, and its reader waited", e);
        }
        throw new AssertionError(pipe + " was taken for a file");
    }
}
