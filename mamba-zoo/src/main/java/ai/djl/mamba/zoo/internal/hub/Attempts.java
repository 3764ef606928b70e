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
package ai.djl.mamba.zoo.internal.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts attempts without progress and waits between them. */
final class Attempts {

    private static final Logger LOGGER = LoggerFactory.getLogger(Attempts.class);

    private final RetryPolicy policy;
    private int failures;

    Attempts(RetryPolicy policy) {
        this.policy = policy;
    }

    /** A network action. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    /** Repeats an action until it succeeds or fails permanently. */
    static <T> T repeat(RetryPolicy policy, Action<T> action) throws IOException {
        Attempts attempts = new Attempts(policy);
        while (true) {
            try {
                return action.run();
            } catch (TransientException e) {
                attempts.failed(e);
            }
        }
    }

    /** Resets the count after progress. */
    void progressed() {
        failures = 0;
    }

    /** Waits for the next attempt, or throws if there have been too many. */
    void failed(TransientException e) throws IOException {
        failures++;
        if (failures >= policy.maxAttempts()) {
            throw new IOException(e.getMessage() + "; gave up after " + failures + " attempts", e);
        }
        Duration pause = policy.pause().multipliedBy(1L << Math.min(failures - 1, 20));
        if (pause.compareTo(e.getWait()) < 0) {
            pause = e.getWait();
        }
        if (pause.compareTo(policy.maxPause()) > 0) {
            pause = policy.maxPause();
        }
        LOGGER.info("{}; next attempt in {} ms", e.getMessage(), pause.toMillis());
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException interrupted) {
            throw interrupted("interrupted while waiting for the next attempt");
        }
    }

    /** Marks the thread as interrupted and returns the exception. */
    static InterruptedIOException interrupted(String message) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(message);
    }
}
