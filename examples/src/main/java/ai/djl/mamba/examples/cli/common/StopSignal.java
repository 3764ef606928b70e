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
package ai.djl.mamba.examples.cli.common;

/**
 * Lets work in several parts finish cleanly when its process is asked to end, as {@link Interrupts}
 * does for one run: the running part is told to stop, and no further part starts.
 */
public final class StopSignal implements AutoCloseable {

    private boolean isStopped;
    private Runnable current = () -> {};
    private final Interrupts interrupts = new Interrupts(this::stop);

    /** The work was stopped; the message says where, and what is kept. */
    public static final class Stopped extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /**
         * Creates the exception.
         *
         * @param message where the work was stopped, and what is kept
         */
        public Stopped(String message) {
            super(message);
        }
    }

    private synchronized void stop() {
        isStopped = true;
        current.run();
    }

    /**
     * Sets how to stop the part that starts; it is stopped at once if the process has already been
     * asked to end.
     *
     * @param stop stops the part
     */
    public synchronized void watch(Runnable stop) {
        current = stop;
        if (isStopped) {
            stop.run();
        }
    }

    /**
     * Ends the work here if the process was asked to end.
     *
     * @param where what the user is told in that case
     * @throws Stopped in that case
     */
    public synchronized void check(String where) {
        if (isStopped) {
            throw new Stopped(where);
        }
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
