/** From text to token ids, from logits to the next token, and back to text, piece by piece. */
package ai.djl.mamba.zoo.text;
