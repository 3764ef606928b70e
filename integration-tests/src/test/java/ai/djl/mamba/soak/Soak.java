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
package ai.djl.mamba.soak;

import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A long day in miniature: for some minutes, models are loaded, shared by eight threads, given
 * adapters, continued from saved states and downloaded through cut connections, trainings are
 * killed, and the disk is full, all at once on Linux. Prints the memory of this process over time
 * and how often each was done; ends with status 1 if anything failed or the memory grew.
 *
 * <p>{@code mvn -Psoak verify -DskipTests -Dsoak.minutes=30} runs it.
 */
public final class Soak {

    private static final int PREDICTING_THREADS = 8;
    private static final int SAMPLES = 12;

    /** The last quarter may need this much more memory than the second. */
    private static final double MAX_GROWTH = 1.1;

    private final long end;
    private final Map<String, LongAdder> counts = new LinkedHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    private Soak(double minutes) {
        end = System.nanoTime() + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
    }

    /**
     * Runs it.
     *
     * @param args the number of minutes
     */
    public static void main(String[] args) throws Exception {
        double minutes = Double.parseDouble(args[0]);
        Path folder = Files.createTempDirectory("mamba-soak");
        boolean passed;
        try (ModelTasks models = new ModelTasks(folder);
                AccidentTasks accidents = new AccidentTasks(folder)) {
            passed = new Soak(minutes).run(models, accidents, minutes);
        } finally {
            ProcessFiles.delete(folder);
        }
        System.exit(passed ? 0 : 1);
    }

    private boolean run(ModelTasks models, AccidentTasks accidents, double minutes)
            throws IOException, InterruptedException {
        for (int i = 0; i < PREDICTING_THREADS; i++) {
            repeat("predictions", models::predict);
        }
        repeat("loads", models::load);
        repeat("adapters", models::swapAdapter);
        repeat("states", models::restore);
        repeat("downloads", accidents::download);
        repeat("kills", accidents::kill);
        repeat("full disks", accidents::fillDisk);
        threads.forEach(Thread::start);
        List<Long> resident = new ArrayList<>();
        System.out.printf("%8s %12s %12s  done%n", "minute", "heap MiB", "resident MiB");
        for (int i = 1; i <= SAMPLES; i++) {
            Thread.sleep((long) (minutes * 60_000 / SAMPLES));
            resident.add(sample(minutes * i / SAMPLES));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        failures.forEach(System.out::println);
        double growth = growth(resident);
        System.out.printf(
                "Failures: %d; memory of the last quarter over that of the second: %.3f%n",
                failures.size(), growth);
        return failures.isEmpty() && growth < MAX_GROWTH;
    }

    private void repeat(String name, SoakTask task) {
        LongAdder count = counts.computeIfAbsent(name, key -> new LongAdder());
        threads.add(
                new Thread(
                        () -> {
                            while (System.nanoTime() < end && failures.size() < 10) {
                                try {
                                    task.run();
                                    count.increment();
                                } catch (Exception | AssertionError e) {
                                    failures.add(name + ": " + e);
                                }
                            }
                        },
                        name));
    }

    private long sample(double minute) throws IOException {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.totalMemory() - runtime.freeMemory();
        long resident = ProcessFiles.status("VmRSS");
        System.out.printf("%8.1f %12d %12d  %s%n", minute, heap >> 20, resident >> 20, counts);
        return resident;
    }

    /** The mean of the last quarter over that of the second. */
    private static double growth(List<Long> samples) {
        int quarter = samples.size() / 4;
        return mean(samples.subList(3 * quarter, samples.size()))
                / mean(samples.subList(quarter, 2 * quarter));
    }

    private static double mean(List<Long> samples) {
        return samples.stream().mapToLong(Long::longValue).average().orElseThrow();
    }
}
