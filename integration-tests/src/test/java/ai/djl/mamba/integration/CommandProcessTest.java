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
package ai.djl.mamba.integration;

import ai.djl.mamba.examples.cli.Main;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.ProjectFiles;
import ai.djl.mamba.zoo.testing.TinyModels;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The command line in a process of its own: output that nobody takes, arguments in ASCII. */
public class CommandProcessTest {

    private Path work;
    private Path model;
    private Path text;

    @BeforeClass
    public void makeModel() throws IOException {
        work = Files.createTempDirectory("mamba-output");
        model = TinyModels.ofBytes(work.resolve("model"));
        text = Files.writeString(work.resolve("text.txt"), "public class A {}\n".repeat(20_000));
    }

    @AfterClass(alwaysRun = true)
    public void deleteModel() throws IOException {
        ProcessFiles.delete(work);
    }

    @DataProvider
    public Object[][] commands() {
        String[] endless = {"--max-new-tokens", "" + Integer.MAX_VALUE};
        String[] generate = CommandRun.join(new String[] {"generate"}, endless);
        return new Object[][] {
            {CommandRun.join(generate, "--prompt", "p")},
            {new String[] {"logits", "--text", text.toString()}},
        };
    }

    private Process start(ProcessBuilder.Redirect out, File errors, String... args)
            throws IOException {
        String[] all = CommandRun.join(args, "--model", model.toString());
        return new ChildJvm(Main.class).start(out, errors, all);
    }

    /** As {@code mamba generate … | head -c 10} does; the command would go on for hours. */
    @Test(dataProvider = "commands")
    public void aClosedPipeIsAQuietEnd(String[] args) throws Exception {
        File errors = work.resolve("errors").toFile();
        Process process = start(ProcessBuilder.Redirect.PIPE, errors, args);
        try (InputStream out = process.getInputStream()) {
            Assert.assertEquals(out.readNBytes(10).length, 10);
        }
        try {
            Assert.assertTrue(process.waitFor(2, TimeUnit.MINUTES), "it ends");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(errors.toPath());
        Assert.assertEquals(process.exitValue(), 0, said);
        Assert.assertFalse(said.contains("mamba"), said);
        Assert.assertFalse(said.contains("Exception"), said);
    }

    @Test
    public void aFullDiskIsAFailure() throws Exception {
        File full = new File("/dev/full");
        if (!full.exists()) {
            throw new SkipException("there is no disk that is always full");
        }
        File errors = work.resolve("errors").toFile();
        String[] args = {"evaluate", "--prompt", "public"};
        Process process = start(ProcessBuilder.Redirect.to(full), errors, args);
        int code = process.waitFor();
        String said = Files.readString(errors.toPath());
        Assert.assertEquals(code, 1, said);
        Assert.assertTrue(said.contains("mamba: standard output: "), said);
    }

    @Test
    public void argumentsThatTheLocaleGarblesAreRefused() throws Exception {
        if (!"UTF-8".equals(System.getProperty("sun.jnu.encoding")) || File.separatorChar == '\\') {
            throw new SkipException("this process cannot pass such arguments on");
        }
        File errors = work.resolve("errors").toFile();
        String[] args = {"evaluate", "--model", model.toString(), "--prompt", "für"};
        Process process =
                new ChildJvm(Main.class)
                        .withEnvironment("LC_ALL", "C")
                        .start(ProcessBuilder.Redirect.DISCARD, errors, args);
        int code = process.waitFor();
        String said = Files.readString(errors.toPath());
        // a Java that reads them all the same is welcome
        Assert.assertTrue(code == 0 || (code == 2 && said.contains("LC_ALL")), code + said);
        process = start(ProcessBuilder.Redirect.DISCARD, errors, "evaluate", "--prompt", "fur");
        Assert.assertEquals(process.waitFor(), 0, Files.readString(errors.toPath()));
    }

    @Test
    public void mxnetCanBeLeftOut() throws Exception {
        String[] args = {"generate", "--model", model.toString(), "--max-new-tokens", "3"};
        // the manifest of the packaged program would bring it back
        ChildJvm jvm =
                new ChildJvm(Main.class)
                        .without(entry -> entry.contains("mxnet") || entry.endsWith("/mamba.jar"))
                        .withFirst(ProjectFiles.root().resolve("examples/target/classes"));
        Assert.assertFalse(jvm.run(CommandRun.join(args, "--prompt", "p")).isEmpty());
        File errors = work.resolve("errors").toFile();
        String[] other = CommandRun.join(args, "--prompt", "p", "--engine", "MXNet");
        Process process = jvm.start(ProcessBuilder.Redirect.DISCARD, errors, other);
        Assert.assertEquals(process.waitFor(), 1);
        String said = Files.readString(errors.toPath());
        Assert.assertTrue(said.contains("the engine MXNet is not on the class path"), said);
    }
}
