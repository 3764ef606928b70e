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
package ai.djl.mamba.examples.testing;

import ai.djl.mamba.examples.cli.Main;
import ai.djl.mamba.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.testng.Assert;

/**
 * A command in a process of its own that got SIGTERM, and ended as one does that it asks to end.
 *
 * @param said what it wrote
 */
public record TerminatedCommand(String said) {

    /** 128 + the number of SIGTERM: a crash has another code. */
    private static final int TERMINATED = 143;

    /** Sends the signal when a file of the command has so much, or when it has said something. */
    public static TerminatedCommand of(Path work, Callable<Boolean> isTime, String... args)
            throws Exception {
        File said = said(work).toFile();
        Process process =
                new ChildJvm(Main.class).start(ProcessBuilder.Redirect.to(said), said, args);
        try {
            while (process.isAlive() && !isTime.call()) {
                Thread.sleep(20);
            }
            process.destroy(); // SIGTERM
            Assert.assertTrue(process.waitFor(1, TimeUnit.MINUTES), "it ends");
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(said.toPath());
        Assert.assertEquals(process.exitValue(), TERMINATED, output);
        Assert.assertFalse(output.contains("fatal error"), output);
        return new TerminatedCommand(output);
    }

    /** Sends the signal when the command has said something. */
    public static TerminatedCommand when(Path work, String words, String... args) throws Exception {
        return of(work, () -> hasSaid(work, words), args);
    }

    private static boolean hasSaid(Path work, String words) throws IOException {
        return Files.exists(said(work)) && Files.readString(said(work)).contains(words);
    }

    private static Path said(Path work) {
        return work.resolve("said");
    }
}
