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
package ai.djl.mamba.training;

import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Outcome;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import ai.djl.mamba.training.RunListener.StepReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Trains in processes that are killed at random points, most of them while they write a checkpoint,
 * for there is one after each step; goes on each time, and compares with a process that nobody
 * killed.
 *
 * <p>By hand, with the test class path: {@code java …TrainingKillRun kill PyTorch 10}.
 */
final class TrainingKillRun {

    private static final int STEPS = 60;

    private TrainingKillRun() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args[0].equals("kill")) {
            System.out.println(kill(args[1], Integer.parseInt(args[2]), System.nanoTime()));
            return;
        }
        train(args[0], Path.of(args[1]));
    }

    /**
     * What a child does: trains to the end, says each step, and prints a hash of the parameters.
     */
    private static void train(String engine, Path folder) throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.DROPOUT);
        training.options().optSteps(STEPS).optSaveEvery(1).optEvaluateEvery(7).optAccumulation(2);
        RunListener steps =
                new RunListener() {
                    @Override
                    public void onStep(StepReport report) {
                        System.out.println("step " + report.step());
                    }
                };
        Outcome outcome =
                training.session(
                        folder,
                        true,
                        run -> {
                            System.out.println("start " + run.step());
                            run.addListener(steps);
                        });
        System.out.println("parameters " + hash(outcome.parameters()));
    }

    private static int hash(Map<String, float[]> parameters) {
        int hash = 0;
        for (Map.Entry<String, float[]> entry : parameters.entrySet()) {
            hash = 31 * hash + entry.getKey().hashCode();
            hash = 31 * hash + Arrays.hashCode(entry.getValue());
        }
        return hash;
    }

    /**
     * Kills a run some times.
     *
     * @param engine the name of the engine
     * @param kills how often
     * @param seed decides when
     * @return what happened, in words
     * @throws AssertionError if a process cannot go on, or the end is another one
     */
    static String kill(String engine, int kills, long seed)
            throws IOException, InterruptedException {
        Random random = new Random(seed);
        Path folder = Files.createTempDirectory("mamba-kill");
        StringBuilder report = new StringBuilder();
        try {
            Path killed = folder.resolve("killed");
            int made = 0;
            for (int i = 1; i <= kills; i++) {
                // evenly over the run, so that none is over before its last kill
                int until = Math.max(made + 1, STEPS * i / (kills + 1));
                made = killAfter(engine, killed, until, random.nextInt(8), report);
            }
            List<String> resumed = child().run(engine, killed.toString());
            List<String> whole = child().run(engine, folder.resolve("whole").toString());
            String expected = whole.get(whole.size() - 1);
            String found = resumed.get(resumed.size() - 1);
            report.append("; went on from ").append(resumed.get(0)).append(": ").append(found);
            if (!expected.startsWith("parameters") || !expected.equals(found)) {
                throw new AssertionError("expected " + expected + report);
            }
            return report.toString();
        } finally {
            ProcessFiles.delete(folder);
        }
    }

    private static ChildJvm child() {
        return new ChildJvm(TrainingKillRun.class);
    }

    /** Kills a child some milliseconds after a step; returns the step that it began with. */
    private static int killAfter(
            String engine, Path folder, int until, int millis, StringBuilder report)
            throws IOException, InterruptedException {
        Process process = child().start(engine, folder.toString());
        int start = -1;
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] words = line.split(" ", 2);
                if (words[0].equals("start")) {
                    start = Integer.parseInt(words[1]);
                }
                if (words[0].equals("step") && Integer.parseInt(words[1]) >= until) {
                    Thread.sleep(millis);
                    break;
                }
            }
        } finally {
            process.destroyForcibly(); // SIGKILL
            process.waitFor();
        }
        if (start < 0) {
            throw new AssertionError("the child did not start: " + report);
        }
        report.append(
                String.format("; began at %d, killed %d ms after step %d", start, millis, until));
        return start;
    }
}
