import NIOCore
import NIOPosix

/// The one thread on which everything of a client of etcd runs: its connections and its tasks.
///
/// It is in the network namespace of the thread that made it, and so are all sockets that are opened on it.
final class EventLoopExecutor: TaskExecutor {
  /// The thread as NIO knows it.
  let group: MultiThreadedEventLoopGroup
  private let loop: any EventLoop

  /// Starts the thread.
  init() {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    loop = group.next()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    loop.execute { job.runSynchronously(on: executor) }
  }

  deinit { group.shutdownGracefully { _ in } }
}
