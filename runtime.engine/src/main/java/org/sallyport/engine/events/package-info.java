/** What the parts of the runtime core share to tell the JDK's Flight Recorder of their work. */
@NullMarked
package org.sallyport.engine.events;

import org.jspecify.annotations.NullMarked;
