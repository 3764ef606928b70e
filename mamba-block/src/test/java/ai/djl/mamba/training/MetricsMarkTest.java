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

import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A run that is resumed cuts its own metrics after its checkpoint, and nobody else's. */
public class MetricsMarkTest {

    private static final String LATER = "{\"step\":9,\"loss\":1.0}\n";

    private Path work;
    private Path store;
    private Path metrics;

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-metrics");
        store = work.resolve("run").resolve("checkpoints");
        metrics = work.resolve("metrics.jsonl");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    /** Runs until a step fails or ends the run. */
    private static void train(Path store, Path metrics, boolean resume, int steps, boolean fails)
            throws IOException {
        TinyTraining training = TinyTraining.of("PyTorch", Scenario.CARRIED);
        training.session(
                store,
                resume,
                run -> {
                    try {
                        run.addListener(run.openMetrics(metrics).listener());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    run.addListener(
                            new RunListener() {
                                @Override
                                public void onStep(StepReport report) {
                                    if (report.step() == steps) {
                                        run.stop();
                                        Assert.assertFalse(fails, "as if killed");
                                    }
                                }
                            });
                });
    }

    private static void killed(Path store, Path metrics, int steps) {
        Assert.expectThrows(AssertionError.class, () -> train(store, metrics, false, steps, true));
    }

    private void assertRefused(String... words) throws IOException {
        String before = Files.readString(metrics);
        IOException e =
                Assert.expectThrows(
                        IOException.class, () -> CheckpointStore.checkMetrics(store, metrics));
        for (String word : words) {
            Assert.assertTrue(e.getMessage().contains(word), e.getMessage());
        }
        UncheckedIOException thrown =
                Assert.expectThrows(
                        UncheckedIOException.class, () -> train(store, metrics, true, 5, false));
        Assert.assertEquals(thrown.getCause().getMessage(), e.getMessage());
        Assert.assertEquals(Files.readString(metrics), before);
    }

    private List<Long> steps() throws IOException {
        return Files.readAllLines(metrics).stream()
                .filter(line -> !line.contains("validation"))
                .map(line -> Long.valueOf(line.replaceAll("\\D*(\\d+).*", "$1")))
                .toList();
    }

    @Test
    public void laterStepsOfTheRunAreCut() throws IOException {
        train(store, metrics, false, 2, false);
        Files.writeString(metrics, LATER + "{\"step\":1", StandardOpenOption.APPEND);
        train(store, metrics, true, 4, false);
        Assert.assertEquals(steps(), List.of(1L, 2L, 3L, 4L));
        train(store, metrics, true, 5, false);
        Assert.assertEquals(steps(), List.of(1L, 2L, 3L, 4L, 5L));
    }

    @Test
    public void theMetricsOfAnotherRunStay() throws IOException {
        train(store, metrics, false, 2, false);
        train(work.resolve("other"), work.resolve("other.jsonl"), false, 6, false);
        Files.copy(metrics, work.resolve("own"));
        Files.delete(metrics);
        Files.copy(work.resolve("other.jsonl"), metrics);
        assertRefused("metrics.jsonl: not the metrics of the run in", "CRC-32", "begins with");
        Files.writeString(metrics, "{\"step\":1}\n");
        assertRefused("got 11 bytes");
        Files.delete(metrics);
        train(store, metrics, true, 3, false); // a file of its own, which it does not have yet
        Assert.assertEquals(steps(), List.of(3L));
    }

    /** Before the first checkpoint, too. */
    @Test
    public void aRunWithoutACheckpointKnowsItsMetrics() throws IOException {
        killed(store, metrics, 3);
        Assert.assertFalse(CheckpointStore.isUnfinished(store));
        Assert.assertEquals(steps(), List.of(1L, 2L, 3L));
        Path own = Files.move(metrics, work.resolve("own"));
        killed(work.resolve("other"), metrics, 3);
        assertRefused("not the metrics of the run in", "CRC-32");
        Files.move(metrics, work.resolve("other.jsonl"));
        Files.move(own, metrics);
        train(store, metrics, true, 2, false);
        Assert.assertEquals(steps(), List.of(1L, 2L));
        Assert.assertFalse(Files.exists(store.resolve("metrics")));
    }

    /** A run of an earlier version, which had no mark: a file in its folder is its own. */
    @Test
    public void withoutAMarkTheFolderTells() throws IOException {
        killed(store, metrics, 2);
        Files.delete(store.resolve("metrics"));
        assertRefused("expected nothing yet");
        Files.writeString(store.resolve("metrics"), "{\"byt"); // killed while it was written
        assertRefused("expected nothing yet");
        metrics = Files.move(metrics, store.resolveSibling("metrics.jsonl"));
        train(store, metrics, true, 2, false);
        Assert.assertEquals(steps(), List.of(1L, 2L));
    }

    @Test
    public void aNewRunForgetsTheMark() throws IOException {
        killed(store, metrics, 2);
        Files.delete(metrics);
        CheckpointStore.startOver(store).close();
        Assert.assertFalse(Files.exists(store.resolve("metrics")));
        killed(store, metrics, 2);
        CheckpointStore.removeUnused(store);
        Assert.assertFalse(Files.exists(store));
    }

    /** To start over replaces links and leaves alone what they lead to. */
    @Test
    public void startingOverReplacesLinks() throws IOException {
        train(store, metrics, false, 2, false);
        Path target = Files.writeString(work.resolve("target"), "step-000000002\n");
        for (String name : List.of("latest", "lock", ".latest")) {
            Files.deleteIfExists(store.resolve(name));
            Files.createSymbolicLink(store.resolve(name), target);
        }
        CheckpointStore.startOver(store).close();
        Assert.assertEquals(Files.readString(target), "step-000000002\n");
        Assert.assertFalse(Files.isSymbolicLink(store.resolve("lock")));
        try (var files = Files.list(store)) {
            Assert.assertEquals(files.toList(), List.of(store.resolve("lock")));
        }
    }
}
