/** Threads of the engine, and what they need: locks that are held for moments, room on the Java stack. */
@NullMarked
package org.sallyport.engine.threads;

import org.jspecify.annotations.NullMarked;
