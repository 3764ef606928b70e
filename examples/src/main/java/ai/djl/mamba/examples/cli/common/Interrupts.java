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

import java.util.concurrent.CountDownLatch;

/**
 * Lets a command finish cleanly when its process is asked to end: Ctrl-C and SIGTERM tell it to
 * stop, and the process waits for it. The exit code is then that of the signal, 130 or 143.
 */
public final class Interrupts implements AutoCloseable {

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    /**
     * Starts to listen.
     *
     * @param stop tells the work to stop; called from another thread
     */
    public Interrupts(Runnable stop) {
        hook =
                new Thread(
                        () -> {
                            stop.run();
                            try {
                                done.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop-at-signal");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Says that the work has ended, and that everything is saved and printed. */
    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is already ending: that was the signal
            return;
        }
    }
}
