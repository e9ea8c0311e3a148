/** What concerns the process as a whole: system calls, signal handlers, the barrier between threads. */
@NullMarked
package org.sallyport.engine.process;

import org.jspecify.annotations.NullMarked;
