/** Internal to its bundle. */
package org.sallyport.store;
