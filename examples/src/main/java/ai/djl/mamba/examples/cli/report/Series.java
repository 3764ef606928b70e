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
package ai.djl.mamba.examples.cli.report;

import java.util.Arrays;

/**
 * A line of a {@link LinePlot}.
 *
 * @param name its name in the legend
 * @param x the positions of its points, ascending
 * @param y their values
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Series(String name, double[] x, double[] y) {

    /** Checks and copies the points. */
    public Series {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "Series '" + name + "': " + x.length + " places for " + y.length + " values");
        }
        x = x.clone();
        y = y.clone();
    }

    /**
     * Leaves out points that are not finite numbers.
     *
     * @param abovezero whether a value also has to be positive, as on a logarithmic axis
     * @return the rest
     */
    Series drawable(boolean abovezero) {
        int[] kept = new int[x.length];
        int count = 0;
        for (int i = 0; i < x.length; i++) {
            if (Double.isFinite(y[i]) && (!abovezero || y[i] > 0)) {
                kept[count++] = i;
            }
        }
        int[] places = Arrays.copyOf(kept, count);
        return new Series(
                name,
                Arrays.stream(places).mapToDouble(i -> x[i]).toArray(),
                Arrays.stream(places).mapToDouble(i -> y[i]).toArray());
    }
}
