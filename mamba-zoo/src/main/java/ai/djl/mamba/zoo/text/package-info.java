/** From text to token ids, from logits to the next token, and back to text while it is made. */
package ai.djl.mamba.zoo.text;
