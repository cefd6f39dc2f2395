/** Ends what waits for a server that is silent for too long, but nothing while that server waits for a person. */
export class Patience {
  private asking = 0;
  private readonly waits = new Set<Wait>();

  /** A person is asked something for the server, until what is returned is called. */
  asked(): () => void {
    this.asking++;
    for (const each of this.waits) each.rest();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      if (--this.asking === 0) for (const each of this.waits) each.restart();
    };
  }

  /** Calls `onLate` once `time` ms have passed without {@link Wait.restart}; `onRest` when a person is asked meanwhile. */
  wait(time: number, onLate: () => void, onRest: () => void): Wait {
    let timer: NodeJS.Timeout | undefined;
    const wait: Wait = {
      rest: () => {
        clearTimeout(timer);
        onRest();
      },
      restart: () => {
        clearTimeout(timer);
        if (this.asking === 0) timer = setTimeout(onLate, time);
      },
      dispose: () => {
        clearTimeout(timer);
        this.waits.delete(wait);
      },
    };
    this.waits.add(wait);
    wait.restart();
    return wait;
  }
}

export interface Wait {
  rest(): void;
  /** The server gave a sign of life. */
  restart(): void;
  dispose(): void;
}
