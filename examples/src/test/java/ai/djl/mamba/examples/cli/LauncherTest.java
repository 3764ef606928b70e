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

import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.TempFiles;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The main class of the jar needs nothing beside itself to say what is missing. */
public class LauncherTest {

    private static String run(ChildJvm jvm, int code, String... args) throws Exception {
        File said = TempFiles.file("mamba-launcher", ".log").toFile();
        Process process = jvm.start(ProcessBuilder.Redirect.appendTo(said), said, args);
        Assert.assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        String text = Files.readString(said.toPath());
        Assert.assertEquals(process.exitValue(), code, text);
        return text;
    }

    @Test
    public void missingLibrariesAreNamed() throws Exception {
        Path own =
                Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        ChildJvm alone = new ChildJvm(Launcher.class).without(entry -> !Path.of(entry).equals(own));
        String text = run(alone, 1, "zoo");
        Assert.assertEquals(text.lines().count(), 1, text);
        Assert.assertTrue(
                text.contains("needs its libraries in " + own.resolveSibling("lib")), text);
    }

    @Test
    public void withThemItIsTheCommandLine() throws Exception {
        String text = run(new ChildJvm(Launcher.class), 0, "--help");
        Assert.assertTrue(text.contains("finetune"), text);
    }
}
