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
package ai.djl.mamba.zoo.data;

import java.io.IOException;

/** Reads the tokens of a document piece by piece, each with the token that follows it. */
final class DocumentCursor {

    private static final long[] NONE = {};

    private final TextRecord record;
    private final DocumentEncoder encoder;
    private int textAt; // of the record's own text
    private long[] ids = NONE;
    private int at;
    private long piece = -1; // the number of the piece with these ids
    private long[] following; // the ids of the next non-empty piece, if it has been read
    private long read; // the number of pieces read

    DocumentCursor(TextRecord record, DocumentEncoder encoder) {
        this.record = record;
        this.encoder = encoder;
    }

    TextRecord record() {
        return record;
    }

    /** Goes to a position of a document that is still unread; earlier pieces are not encoded. */
    void goTo(long wantedPiece, int wantedAt) throws IOException {
        if (wantedPiece < 0) {
            return;
        }
        while (read < wantedPiece) {
            nextPiece();
        }
        advance();
        at = wantedAt;
    }

    /** Returns the number of the piece with the next token. */
    long piece() {
        return piece;
    }

    /** Returns the index of the next token in its piece. */
    int at() {
        return at;
    }

    /** Returns whether all tokens have been read. */
    boolean isDone() throws IOException {
        return at == ids.length && !hasFollowing();
    }

    /** Returns whether more than a number of tokens are left. */
    boolean hasMoreThan(int number) throws IOException {
        int left = ids.length - at;
        return left > number || (hasFollowing() && left + following.length > number);
    }

    /**
     * Reads tokens.
     *
     * @param tokens the array for the tokens
     * @param labels the array for the tokens that follow each of them
     * @param to the index of the first one in both arrays
     * @param maxTokens the maximum number of tokens
     * @return the number of tokens read: at least one, unless none is left
     */
    int read(long[] tokens, long[] labels, int to, int maxTokens) throws IOException {
        if (at == ids.length && !advance()) {
            return 0;
        }
        int count = Math.min(maxTokens, ids.length - at);
        System.arraycopy(ids, at, tokens, to, count);
        System.arraycopy(ids, at + 1, labels, to, count - 1);
        at += count;
        labels[to + count - 1] = at < ids.length ? ids[at] : afterPiece();
        return count;
    }

    private long afterPiece() throws IOException {
        return hasFollowing() ? following[0] : encoder.end();
    }

    private boolean advance() throws IOException {
        if (!hasFollowing()) {
            return false;
        }
        ids = following;
        following = null;
        piece = read - 1;
        at = 0;
        return true;
    }

    private boolean hasFollowing() throws IOException {
        while (following == null) {
            boolean isFirst = read == 0;
            String text = nextPiece();
            if (text == null) {
                return false;
            }
            long[] encoded = encoder.encode(text, isFirst);
            following = encoded.length == 0 ? null : encoded;
        }
        return true;
    }

    private String nextPiece() throws IOException {
        String text = null;
        if (textAt < record.text().length()) {
            int end = TextCutter.end(record.text(), textAt);
            text = record.text().substring(textAt, end);
            textAt = end;
        } else if (record.rest() != null) {
            text = record.rest().next();
        }
        read += text == null ? 0 : 1;
        return text;
    }
}
