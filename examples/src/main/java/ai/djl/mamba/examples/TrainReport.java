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
package ai.djl.mamba.examples;

/** Averages the loss of the steps since the last report. */
final class TrainReport {

    private static final double REPORTS = 10;

    private final Output output;
    private final Pace pace;
    private final Integer every;
    private final long stepTokens;
    private double sum;
    private int count;
    private double mean;
    private double nextAt;

    /**
     * Starts with nothing.
     *
     * @param every the steps between two reports, or {@code null} for ten in all
     * @param stepTokens the tokens of a step
     */
    TrainReport(Output output, Pace pace, Integer every, long stepTokens) {
        this.output = output;
        this.pace = pace;
        this.every = every;
        this.stepTokens = stepTokens;
    }

    void add(double loss) {
        sum += loss;
        count++;
    }

    boolean isDue() {
        return every != null
                ? pace.step() % every == 0
                : pace.step() == 1 || pace.progress() >= nextAt;
    }

    void print(double validation) {
        mean = count == 0 ? mean : sum / count;
        sum = 0;
        count = 0;
        nextAt = pace.progress() + 1 / REPORTS;
        output.line(
                "%5.0f s  step %,6d  bits per byte: %.3f train, %.3f held out  %,7.0f bytes/s",
                pace.elapsed(), pace.step(), mean, validation, tokensPerSecond());
    }

    double mean() {
        return mean;
    }

    double tokensPerSecond() {
        return pace.step() * (double) stepTokens / pace.elapsed();
    }
}
