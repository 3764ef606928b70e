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
package ai.djl.mamba.documentation;

import ai.djl.mamba.examples.cli.Launcher;
import ai.djl.mamba.examples.cli.Main;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The commands of the README and of docs: each of the command line runs, in the order of the
 * documents, on a copy of a part of this project, with options behind its own that make it short;
 * or it is here with the reason why not, and then its options exist.
 */
public class CommandsTest {

    /** What makes a command short, by how its arguments start; the first that fits counts. */
    private static final Map<String, String> SHORT = new LinkedHashMap<>();

    /** The commands that do not run, by patterns of their text, and why not. */
    private static final Map<String, String> NOT_RUN = new LinkedHashMap<>();

    static {
        String sequences = " --model-size 8 --layers 1 --test-sequences 2 --longest 64 --batch 2";
        SHORT.put("generate", "--max-new-tokens 5");
        SHORT.put("train", "--steps 3 --length 32 --batch 2 --layers 1 --model-size 16");
        SHORT.put("finetune", "--steps 2 --length 16 --batch 2");
        SHORT.put("bench scan", "--length 8 --inner 64 --state 2 --seconds 0.01 --repeats 2");
        SHORT.put(
                "bench",
                "--length 8 --layers 1 --model-size 32 --vocab 9 --seconds 0.01 --repeats 2");
        SHORT.put(
                "compare",
                "--models mamba --model-size 16 --layers 1 --state 4 --seconds 0.01 --repeats 1");
        SHORT.put("synthetic --task induction-heads --trained", "--longest 128 --test-tokens 256");
        SHORT.put(
                "synthetic --task induction-heads", "--steps 2 --validation-length 64" + sequences);
        SHORT.put("synthetic", "--steps 2 --length 24" + sequences);
        SHORT.put(
                "languages",
                "--data . --least 2 --per-language 6 --test-per-language 2 --length 16 --steps 2"
                        + " --batch 2 --eval-every 2");

        NOT_RUN.put("mvn .*", "a build, such as the one that runs this");
        NOT_RUN.put(
                "java -cp \\S* ai\\.djl\\.mamba\\.examples\\.\\w+ .*", "ProgramsTest runs those");
        NOT_RUN.put("LIBTORCH=\\S* \\S*/build\\.sh", "needs the headers of a libtorch");
        NOT_RUN.put("\\./build\\.sh .*", "needs a machine with a GPU");
        NOT_RUN.put("python3 check(_\\w+)?\\.py .*", "needs a GPU and torch for Python");
        NOT_RUN.put(
                "java -jar \\S* train --data train --validation heldout .*", "an H100 for minutes");
        NOT_RUN.put("java .* compare --out target/compare --text .*", "two cores for an hour");
        NOT_RUN.put("java .* --trained target/induction-heads/mamba --longest 1048576", "minutes");
        NOT_RUN.put("java .* languages --eval-every 15 .*", "the same as in cli.md");
    }

    private Path project;

    /** Sources to learn, and the files that the commands name. */
    @BeforeClass
    public void copyProject() throws IOException {
        project = Files.createTempDirectory("mamba-documentation");
        Path root = ProjectFiles.root();
        String sources = "mamba-block/src/main/java/ai/djl/mamba/layer/s4d";
        for (String name :
                List.of("README.md", "LICENSE", "pom.xml", "docs", "examples/pom.xml", sources)) {
            try (Stream<Path> files = Files.walk(root.resolve(name))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path copy = project.resolve(root.relativize(file));
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
    }

    @AfterClass(alwaysRun = true)
    public void deleteProject() throws IOException {
        ProcessFiles.delete(project);
    }

    private static String reason(ShellCommand command) {
        return NOT_RUN.entrySet().stream()
                .filter(entry -> Pattern.matches(entry.getKey(), command.text()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    @Test
    public void commandsRun() throws IOException, InterruptedException {
        List<ShellCommand> commands = new ArrayList<>();
        List<String> args = new ArrayList<>();
        for (ShellCommand command : ShellCommand.all()) {
            if (reason(command) == null) {
                Assert.assertTrue(command.isMamba(), command + ": neither run nor excepted");
                commands.add(command);
                args.addAll(command.arguments());
                args.addAll(shortening(command));
                args.add(CommandsRun.NEXT);
            }
        }
        Assert.assertTrue(commands.size() > 20, commands.toString());
        List<String> codes =
                new ChildJvm(CommandsRun.class)
                        .withMemory(512, 512)
                        .in(project)
                        .run(args.subList(0, args.size() - 1).toArray(new String[0]));
        for (int i = 0; i < commands.size(); i++) {
            Assert.assertEquals(codes.get(i), "0", commands.get(i).toString());
        }
    }

    private static List<String> shortening(ShellCommand command) {
        String arguments = String.join(" ", command.arguments());
        return SHORT.entrySet().stream()
                .filter(entry -> arguments.startsWith(entry.getKey()))
                .findFirst()
                .map(entry -> List.of(entry.getValue().split(" ", -1)))
                .orElse(List.of());
    }

    @DataProvider
    public Object[][] exceptions() throws IOException {
        return ShellCommand.all().stream()
                .filter(command -> reason(command) != null)
                .map(command -> new Object[] {command})
                .toArray(Object[][]::new);
    }

    /** Commands that do not run can at least be parsed, and their scripts and classes exist. */
    @Test(dataProvider = "exceptions")
    public void otherCommandsAreNotOutOfDate(ShellCommand command) throws IOException {
        if (command.isMamba()) {
            Main.commandLine().parseArgs(command.arguments().toArray(new String[0]));
        }
        for (String word : command.words()) {
            if (word.endsWith(".sh") || word.endsWith(".py")) {
                Assert.assertTrue(isInProject(word), command.toString());
            }
            if (word.startsWith("ai.djl.mamba.")) {
                Assert.assertTrue(
                        isInProject(word.replace('.', '/') + ".java"), command.toString());
            }
            if (word.startsWith("-Dbench=")) {
                String name = word.replaceFirst("-Dbench=(\\w+).*", "$1");
                Assert.assertTrue(isInProject(name + ".java"), command.toString());
            }
        }
    }

    private static boolean isInProject(String path) throws IOException {
        Path root = ProjectFiles.root();
        Path name = Path.of(path).normalize();
        for (String sources :
                List.of(
                        "mamba-block/src/main/native",
                        "integration-tests/src/main",
                        "examples/src")) {
            try (Stream<Path> files = Files.walk(root.resolve(sources))) {
                if (files.anyMatch(file -> file.endsWith(name))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    public void exceptionsAreNeeded() throws IOException {
        List<ShellCommand> commands = ShellCommand.all();
        for (String pattern : NOT_RUN.keySet()) {
            Assert.assertTrue(
                    commands.stream().anyMatch(c -> Pattern.matches(pattern, c.text())), pattern);
        }
    }

    /** The documents call the jar by the name that the build gives it. */
    @Test
    public void theJarIsWhereTheDocumentsSayIt() throws IOException {
        String pom = Files.readString(ProjectFiles.root().resolve("examples/pom.xml"));
        Assert.assertTrue(pom.contains("<finalName>mamba</finalName>"));
        Assert.assertTrue(pom.contains("<mainClass>" + Launcher.class.getName() + "</mainClass>"));
        for (ShellCommand command : ShellCommand.all()) {
            Assert.assertTrue(
                    !command.isMamba()
                            || command.words().get(2).equals("examples/target/mamba.jar"),
                    command.toString());
        }
    }
}
