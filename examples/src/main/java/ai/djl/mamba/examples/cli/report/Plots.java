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

import java.io.IOException;

/** Tells whether plots can be drawn here: that needs fonts and the JDK's AWT, but no display. */
public final class Plots {

    private Plots() {}

    /**
     * Tries to draw.
     *
     * @return why there cannot be plots on this machine, or {@code null} if there can
     */
    public static String unavailable() {
        try {
            LinePlot.builder()
                    .setTitle("trial")
                    .setAxes("x", "y")
                    .addSeries(new Series("trial", new double[] {1, 2}, new double[] {1, 2}))
                    .build()
                    .png();
            return null;
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | IOException | Error e) { // AWT fails with errors of all kinds
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return "this Java cannot draw (" + cause + ")";
        }
    }
}
