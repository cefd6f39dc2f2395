/// <reference lib="dom" />
import { render } from 'preact';
import { App } from './panel/app.js';

const root = document.getElementById('root');
if (root !== null) render(<App />, root);
