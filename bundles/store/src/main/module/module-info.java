/** Allocates instances, memories, tables and globals. */
module org.sallyport.store {
    requires org.sallyport.api;

    provides org.sallyport.spi.InstanceAllocator with org.sallyport.store.PoolingAllocator;
}
