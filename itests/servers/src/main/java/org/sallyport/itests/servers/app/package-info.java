/** A WAR with a shop whose prices a plugin makes. */
@NullMarked
package org.sallyport.itests.servers.app;

import org.jspecify.annotations.NullMarked;
