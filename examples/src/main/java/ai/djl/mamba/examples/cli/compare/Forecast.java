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
package ai.djl.mamba.examples.cli.compare;

/**
 * Predicts the cost of the next length from that of the last one, so that nothing is started that
 * does not fit.
 */
final class Forecast {

    private final int growth;
    private int lastLength;
    private double last;

    /**
     * Creates a forecast.
     *
     * @param growth the maximum power of the length with which costs grow
     */
    Forecast(int growth) {
        this.growth = growth;
    }

    /** Records a cost. */
    void note(int length, double cost) {
        lastLength = length;
        last = cost;
    }

    /** The maximum cost of a length, or 0 if nothing is known. */
    double at(int length) {
        return lastLength == 0 ? 0 : last * Math.pow((double) length / lastLength, growth);
    }
}
